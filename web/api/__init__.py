"""You are here: the JSON API, for machines that read cases and say verbs (``/api/v1``).

``endpoints`` is the one table of what there is; routes, checks and the OpenAPI document all follow it.
"""

from web.api.blueprint import create_api

__all__ = ["create_api"]
