"""The public HTTP interface, as DESIGN.md's contract has it: one module a resource."""
