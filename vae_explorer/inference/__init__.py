"""Questions to a trained model, and the latest-wins mailbox. No Qt."""
