"""Benchmarks: the cost, CPU time and memory of the service, measured without AWS."""
