"""The evaluation room: every number we state, with how sure it is and how it came about.

One metric, one file, one function from arrays to a ``Result``. Importing this package does no
work; each public name loads its module on first use.
"""

from __future__ import annotations

from interpretable_gan.lazy import on_demand

PUBLIC = {  # public name → module of this package that holds it
    "Result": "result",
    "CodeTable": "worlds",
    "FixedRows": "worlds",
    "Generated": "worlds",
    # disentanglement, factors known
    "beta_vae": "disentanglement.beta_vae",
    "factor_vae": "disentanglement.factor_vae",
    "mig": "disentanglement.mig",
    "mig_sampled": "disentanglement.mig_sampled",
    "axis_alignment": "disentanglement.axis_alignment",
    "mig_sup": "disentanglement.mig_sup",
    "jemmig": "disentanglement.jemmig",
    "dcimig": "disentanglement.dcimig",
    "dci": "disentanglement.dci",
    "dci_lasso": "disentanglement.dci_lasso",
    "sap": "disentanglement.sap",
    "modularity": "disentanglement.modularity",
    "explicitness": "disentanglement.explicitness",
    "irs": "disentanglement.irs",
    "infomec": "disentanglement.infomec",
    "aggregations": "disentanglement.aggregations",
    "factorised_support": "disentanglement.factorised_support",
    "flatness": "disentanglement.flatness",
    # no factors needed
    "total_correlation": "unsupervised.total_correlation",
    "wasserstein_correlation": "unsupervised.wasserstein_correlation",
    "mutual_information_score": "unsupervised.mutual_information_score",
    "udr": "unsupervised.udr",
    # what the codes are good for
    "downstream_accuracy": "downstream.downstream_accuracy",
    "reduced_downstream": "downstream.reduced_downstream",
    "strong_generalisation": "downstream.strong_generalisation",
    "fairness": "downstream.fairness",
    "total_variation": "downstream.fairness",
    "fairness_scores": "downstream.fairness",
    # sample quality on features
    "FeatureExtractor": "extractors",
    "mobilenet_v2": "extractors",
    "inception_v3": "extractors",
    "torch_module": "extractors",
    "onnx_file": "extractors",
    "extractor_named": "extractors",
    "StreamingMetric": "quality.features",
    "Moments": "quality.frechet",
    "frechet_distance": "quality.frechet",
    "frechet_infinity": "quality.frechet",
    "kid": "quality.kid",
    "mmd": "quality.mmd",
    "precision_recall": "quality.precision_recall",
    "density_coverage": "quality.density_coverage",
    "realism": "quality.realism",
    "authenticity": "quality.authenticity",
    "inception_score": "quality.inception_score",
    "path_length": "quality.path_length",
    "named_path_length": "quality.path_length",
    "lpips": "quality.lpips",
    "diversity": "quality.diversity",
    "vendi_score": "quality.vendi",
    "sliced_wasserstein": "quality.sliced_wasserstein",
    "monge_inception_distance": "quality.sliced_wasserstein",
    # tables
    "column_shapes": "tables.column_shapes",
    "pair_trends": "tables.pair_trends",
    "quality_report": "tables.quality_report",
    "range_coverage": "tables.range_coverage",
    "category_coverage": "tables.category_coverage",
    "boundary_adherence": "tables.boundary_adherence",
    "statistic_similarity": "tables.statistic_similarity",
    "new_rows": "tables.new_rows",
    "detection": "tables.detection",
    "closest_record": "tables.closest_record",
    "nearest_ratio": "tables.nearest_ratio",
    "baseline_protection": "tables.baseline_protection",
    "overfitting_protection": "tables.overfitting_protection",
    "train_synthetic_test_real": "tables.train_synthetic",
}

__getattr__, __dir__ = on_demand(__name__, PUBLIC)
