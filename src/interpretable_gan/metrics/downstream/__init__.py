"""What codes are good for: prediction, generalisation, fairness."""
