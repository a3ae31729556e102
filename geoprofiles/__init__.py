"""geoprofiles: from incident files and boundaries to area profiles, hot spots and pages.

Every public name is loaded on first use, so that importing the package is instant.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
