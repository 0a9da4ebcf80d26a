"""Why it decided, read and drew that: explanations as values that can check themselves.

Importing this package does no work; each public name loads its module on first use.
"""

from __future__ import annotations

from interpretable_gan.lazy import on_demand

PUBLIC = {  # public name → module of this package that holds it
    "Explanation": "explanation",
    "explain_decision": "decision",
    "DecisionExplanation": "decision",
    "explain_reading": "reading",
    "ReadingExplanation": "reading",
    "Calibration": "calibration",
    "calibrate": "calibration",
    "explain_attribute": "attribute",
    "AttributeExplanation": "attribute",
    "explain_discovered": "discovered",
    "DiscoveredExplanation": "discovered",
    "edit": "edits",
    "Edit": "edits",
    "reconstruct": "reconstruction",
    "Reconstruction": "reconstruction",
    "counterfactual": "counterfactuals",
    "Counterfactual": "counterfactuals",
    "decision_threshold": "threshold",
    "DecisionThreshold": "threshold",
    "fit_target": "target_fit",
    "TargetHead": "target_head",
    "explain_target": "target",
    "TargetExplanation": "target",
    "explain_target_sum": "target_sum",
    "TargetSum": "target_sum",
    "explain_rows": "rows",
    "RowExplanation": "rows",
    "explain_changes": "row_changes",
    "RowChanges": "row_changes",
    "explain_head": "head_shapes",
    "HeadExplanation": "head_shapes",
    "edit_rows": "row_edits",
    "RowEdit": "row_edits",
    "column_curves": "curves",
    "ColumnCurves": "curves",
    "typical_rows": "typical",
    "TypicalRows": "typical",
    "influential_rows": "influence",
    "InfluentialRows": "influence",
    "rank_discovered": "candidates",
    "Candidates": "candidates",
    "teach": "teaching_fit",
    "Teaching": "teaching",
    "explain_model": "global_importance",
    "ModelExplanation": "global_importance",
}

__getattr__, __dir__ = on_demand(__name__, PUBLIC)
