// The bindings of bactrian._native: only translation between Python and the C++ beside it.
#include "bindings/bindings.hpp"
#include "build_info.hpp"
#include "paths.hpp"

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
    m.def("paths", &bactrian::paths_that_run,
          "Instruction sets that were compiled and run here, the best first.");
    // Nothing is converted: what is written must be written into the caller's arrays.
    bactrian::bindings::add_passes(m);
    bactrian::bindings::add_maximisation(m);
    bactrian::bindings::add_steps(m);
    bactrian::bindings::add_chart(m);
    bactrian::bindings::add_starts(m);
}
