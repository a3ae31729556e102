"""``python -m geoprofiles.sample FOLDER``: write the bundled sample into a checkout again."""

import sys

from geoprofiles.sample.files import write_into_checkout

if __name__ == "__main__":
    write_into_checkout(sys.argv[1] if len(sys.argv) > 1 else ".")
