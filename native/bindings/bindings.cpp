#include "bindings.hpp"

namespace bactrian::bindings {
namespace {

bool is_single(const Matrix& values) {
    if (values.dtype() == nb::dtype<float>()) return true;
    if (values.dtype() == nb::dtype<double>()) return false;
    throw nb::type_error("rows must be float32 or float64");
}

}  // namespace

bool SignalCheck::operator()() {
    const Clock::time_point now = Clock::now();
    if (now - last_ < std::chrono::milliseconds(20)) return false;
    last_ = now;
    nb::gil_scoped_acquire with_gil;
    return PyErr_CheckSignals() != 0;
}

void expect(bool holds, const char* what) {
    if (!holds) throw nb::value_error(what);
}

Rows rows_of(const Matrix& values, const std::optional<Numbers>& weights) {
    expect(!weights || weights->size() == values.shape(0), "weights of another size");
    return {
        values.data(),
        is_single(values),
        static_cast<std::int64_t>(values.shape(0)),
        static_cast<int>(values.shape(1)),
        values.stride(0),
        values.stride(1),
        weights ? weights->data() : nullptr,
    };
}

Structure structure_named(const std::string& name) {
    if (name == "full") return Structure::full;
    if (name == "tied") return Structure::tied;
    if (name == "diag") return Structure::diag;
    if (name == "spherical") return Structure::spherical;
    throw nb::value_error("no such structure");
}

Sharing sharing_named(const std::string& name) {
    if (name.empty()) return nullptr;
    const auto found = sharings().find(name);
    if (found == sharings().end()) throw nb::value_error("nothing of that name is shared");
    return found->second;
}

std::size_t factors_expected(Structure structure, std::size_t n_components,
                             std::size_t n_features) {
    switch (structure) {
        case Structure::full:
            return n_components * n_features * n_features;
        case Structure::tied:
            return n_features * n_features;
        case Structure::diag:
            return n_components * n_features;
        default:
            return n_components;
    }
}

Moments model_of(const std::string& structure, const std::string& sharing,
                 std::size_t n_components, const Numbers& bound, double ridge, double tolerance,
                 const std::optional<Numbers>& held_weights) {
    const std::size_t n_features = bound.size();
    expect(n_components > 0 && n_features > 0, "no components or no features");
    expect(n_features <= most_features, "too many features");
    expect(!held_weights || held_weights->size() == n_components, "held_weights of another size");
    Moments model{};
    model.structure = structure_named(structure);
    model.sharing = sharing_named(sharing);
    expect(model.structure != Structure::tied || model.sharing == nullptr,
           "one covariance shares nothing with others");
    model.n_components = static_cast<int>(n_components);
    model.n_features = static_cast<int>(n_features);
    model.bound = bound.data();
    model.ridge = ridge;
    model.tolerance = tolerance;
    model.held_weights = held_weights ? held_weights->data() : nullptr;
    return model;
}

}  // namespace bactrian::bindings
