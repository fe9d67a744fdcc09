"""What a project's settings name: REST framework imports it while its own views are imported."""

from jwt_middleware import authenticated
from jwt_middleware.drf import require

guarded = require(authenticated)
