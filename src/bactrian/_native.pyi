from typing import TypedDict

class BuildInfo(TypedDict):
    compiler: str
    compiler_version: str
    cxx_standard: int
    build_type: str
    architecture: str
    optimised: bool

def build_info() -> BuildInfo: ...
