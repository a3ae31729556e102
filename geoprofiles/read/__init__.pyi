from .boundaries import read_areas
from .incidents import read_incidents

__all__ = ["read_areas", "read_incidents"]
