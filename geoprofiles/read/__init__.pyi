from .incidents import read_incidents

__all__ = ["read_incidents"]
