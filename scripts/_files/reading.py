"""From YAML to a model, or an error that names file, field, bound and what would be allowed."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import click
import yaml
from eth_utils import is_address, is_checksum_address, to_checksum_address
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

SCRIPTS = Path(__file__).resolve().parents[1]
ROOT = SCRIPTS.parent
WAD = 10**18

M = TypeVar("M", bound=BaseModel)


class FileError(click.ClickException):
    """Something in a file is not allowed: which file, which field, what is wrong, what is right."""

    def __init__(self, file: Path | str, field: str, fault: str, allowed: str) -> None:
        self.file, self.field, self.fault, self.allowed = str(file), field, fault, allowed
        where = f"{file}: {field}" if field else str(file)
        super().__init__(f"{where}: {fault}; allowed: {allowed}")


class Wrong(ValueError):
    """What a check finds: what is wrong, what is right, and in which field of a model."""

    def __init__(self, fault: str, allowed: str, field: str = "") -> None:
        super().__init__(f"{fault}; allowed: {allowed}")
        self.fault, self.allowed, self.field = fault, allowed, field


class Model(BaseModel):
    """Read once, never changed, and with no field that nobody asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def checked_address(text: str) -> str:
    """With its checksum; one that is given must be right."""
    if not is_address(text):
        raise Wrong("is not an address", "0x and 40 hex digits")
    mixed = text[2:] not in (text[2:].lower(), text[2:].upper())
    if mixed and not is_checksum_address(text):
        raise Wrong("has a wrong checksum: is a digit mistyped?", "an address as explorers show it")
    return to_checksum_address(text)


def _exact(number: Decimal) -> Decimal:
    if number * WAD % 1:
        raise Wrong("has too many decimals", "18 at the most")
    return number


Address = Annotated[str, AfterValidator(checked_address)]
Fraction = Annotated[Decimal, AfterValidator(_exact)]


def to_wad(number: Decimal) -> int:
    """In WAD, exactly."""
    return int(number * WAD)


def deployments() -> Path:
    """Where records of what is deployed are kept, unless BALLAST_DEPLOYMENTS names a folder."""
    return Path(os.environ.get("BALLAST_DEPLOYMENTS") or SCRIPTS / "deployments")


def record_path(network: str) -> Path:
    """The record of a network. That of a local chain is not worth keeping, and lies in out/."""
    if network == "local" and not os.environ.get("BALLAST_DEPLOYMENTS"):
        return ROOT / "out" / "deployments" / "local.json"
    return deployments() / f"{network}.json"


def short(path: Path) -> str:
    """As seen from the folder of the project, where it is inside of it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


class _Loader(yaml.BaseLoader):
    """Leaves every value as it is written, so that no float comes between, and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key} is there twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict[str, Any]:
    """The fields of a file, every value as text. Raises FileError if it is not such a file."""
    try:
        found = yaml.load(path.read_text(encoding="utf8"), Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as error:
        fault = " ".join(str(error).split())
        raise FileError(short(path), "", f"is not YAML: {fault}", "fields and values") from None
    if not isinstance(found, dict):
        raise FileError(short(path), "", "has no fields", "one `field: value` a line")
    return found


def parse(model: type[M], path: Path, fields: dict[str, Any], **more: Any) -> M:
    """`fields` as `model`. Raises FileError with the first that is wrong."""
    try:
        return model.model_validate({**fields, **more})
    except ValidationError as error:
        raise _translate(model, path, error) from None


def choices(folder: Path) -> list[str]:
    """The names of the files in a folder."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def find(folder: Path, name: str, kind: str) -> Path:
    """The file of this name. Raises FileError with the names there are."""
    known = choices(folder)
    path = folder / f"{name}.yaml"
    if name not in known:
        raise FileError(short(path), "", f"there is no such {kind}", ", ".join(known) or "none yet")
    return path


def _translate(model: type[BaseModel], path: Path, error: ValidationError) -> FileError:
    """Pydantic's first complaint in our words."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part != "[key]")
    kind, context = first["type"], first.get("ctx", {})
    given = first["input"]
    if kind == "missing":
        return FileError(short(path), field, "is missing", "to be given")
    if kind == "extra_forbidden":
        known = ", ".join(_fields(model, first["loc"][:-1]))
        return FileError(short(path), field, "is not a field", known)
    fault = f"is {given}" if not isinstance(given, dict | list) else "has the wrong form"
    if isinstance(wrong := context.get("error"), Wrong):
        if wrong.field:
            field = ".".join(filter(None, (field, wrong.field)))
            return FileError(short(path), field, wrong.fault, wrong.allowed)
        return FileError(short(path), field, f"{given} {wrong.fault}", wrong.allowed)
    return FileError(short(path), field, fault, _allowed(first["msg"]))


def _allowed(message: str) -> str:
    """What Pydantic says that a value should be."""
    for start in ("Input should be ", "String should "):
        message = message.removeprefix(start)
    return message[:1].lower() + message[1:]


def _fields(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The fields of the model at `location` inside of `model`."""
    for part in location:
        known = model.model_fields.get(str(part))
        kind = _inner(known.annotation) if known else None
        if kind:
            model = kind
    return list(model.model_fields)


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation such as `dict[str, Feed] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_inner, get_args(annotation))), None)
