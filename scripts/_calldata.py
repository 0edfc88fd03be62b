"""Calldata from a signature and arguments, by eth-abi alone: for whatever makes a call."""

from functools import cache
from typing import Any

from eth_abi import encode
from eth_abi.grammar import parse
from eth_utils import function_signature_to_4byte_selector


def calldata(signature: str, *args: Any) -> bytes:
    """Of the function with this signature: `transfer(address,uint256)`."""
    types, selector = _function(signature)
    return selector + encode(types, args)


@cache
def _function(signature: str) -> tuple[list[str], bytes]:
    arguments = signature[signature.index("(") :]
    types = (
        [] if arguments == "()" else [part.to_type_str() for part in parse(arguments).components]
    )
    return types, function_signature_to_4byte_selector(signature)
