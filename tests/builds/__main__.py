"""`python -m tests.builds`."""

import sys

from tests.builds.compare import main

sys.exit(main())
