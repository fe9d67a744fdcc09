"""The contract: one table of cases, one table of stacks; every door answers alike."""
