// The bindings of bactrian._native: only translation between Python and the C++ beside it.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "build_info.hpp"

namespace nb = nanobind;

namespace {

nb::dict build_info() {
    const bactrian::BuildInfo info = bactrian::build_info();
    nb::dict result;
    result["compiler"] = info.compiler;
    result["compiler_version"] = info.compiler_version;
    result["cxx_standard"] = info.cxx_standard;
    result["build_type"] = info.build_type;
    result["architecture"] = info.architecture;
    result["optimised"] = info.optimised;
    return result;
}

}  // namespace

NB_MODULE(_native, m) {
    m.doc() = "The compiled part of bactrian.";
    m.def("build_info", &build_info, "How this module was compiled.");
}
