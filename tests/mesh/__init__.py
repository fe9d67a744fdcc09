"""The whole example under load while things fail, every answer held against a model: ``python -m tests.mesh``.

The model (callers, routes, outages, judgement) is written from the example's README and knows nothing of the package.
"""
