"""Mutants of guard and doors, each of which must turn the contract table red."""
