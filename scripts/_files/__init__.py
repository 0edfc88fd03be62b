"""What is written down: networks and tokens, as YAML that is checked when it is read."""

from scripts._files.network import Network, load_network, network_names
from scripts._files.reading import FileError
from scripts._files.token import TokenFile, load_token, token_names
from scripts._files.venue import VENUES, VenueName

__all__ = [
    "VENUES",
    "FileError",
    "Network",
    "TokenFile",
    "VenueName",
    "load_network",
    "load_token",
    "network_names",
    "token_names",
]
