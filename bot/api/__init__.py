"""The public HTTP interface, as docs/http.md describes it: one module a resource."""
