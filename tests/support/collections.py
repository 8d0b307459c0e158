"""The collections of the product, by the functions of `quizcore/documents` that give paths."""

import importlib
import inspect
import pkgutil

from quizcore import documents

Collections = tuple[str, ...]  # of a path, from the outermost in


def product_collections() -> set[Collections]:
    found = set()
    for module in pkgutil.iter_modules(documents.__path__):
        for name, value in vars(importlib.import_module(f"{documents.__name__}.{module.name}")).items():
            if name.endswith("_path") and inspect.isfunction(value):
                given = inspect.signature(value).parameters.values()
                found.add(collections_of(value(*(0 if each.annotation is int else "x" for each in given))))
    return found


def collections_of(path: str) -> Collections:
    return tuple(path.split("/")[0::2])
