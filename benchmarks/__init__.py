"""What is measured, against which baseline: one module a benchmark, its last figures beside it in Markdown."""
