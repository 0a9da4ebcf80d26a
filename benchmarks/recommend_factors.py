"""iALS and BPR of the package `implicit`, called by `recommend.py` in a Python that has it.

    python benchmarks/recommend_factors.py FOLDER '{"name": "iALS", "seed": 0, …}'

Reads FOLDER/matrix.npz and writes FOLDER/scores.npy.
"""

import json
import sys

import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking


def main() -> None:
    folder, told = sys.argv[1], json.loads(sys.argv[2])
    matrix = sp.load_npz(f"{folder}/matrix.npz")
    shared = {"factors": told["factors"], "regularization": told["damping"], "num_threads": 1}
    shared |= {"random_state": told["seed"]}
    if told["name"] == "iALS":
        model = AlternatingLeastSquares(alpha=told["alpha"], iterations=15, **shared)
    else:
        model = BayesianPersonalizedRanking(learning_rate=told["rate"], iterations=200, **shared)
    model.fit(matrix, show_progress=False)
    np.save(f"{folder}/scores.npy", model.user_factors @ model.item_factors.T)


if __name__ == "__main__":
    main()
