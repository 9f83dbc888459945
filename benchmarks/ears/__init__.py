"""Measures the ears on the generated test set: `python -m benchmarks.ears [--quick] [--only ROW]`.

Each room of `harness.ears` has one module here that looks at recordings (`Take`) and tells figures;
what a user would pick instead is measured on the same recordings, beside it.
"""
