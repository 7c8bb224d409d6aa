"""What a model is: families, networks, likelihoods and the model file. No Qt."""
