// What the bindings share: translation between Python's arrays and the C++ beside it.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <string>
#include <vector>

#include "mstep.hpp"

namespace nb = nanobind;

namespace bactrian::bindings {

using Matrix = nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>;
using Numbers = nb::ndarray<const double, nb::c_contig, nb::device::cpu>;
using Result = nb::ndarray<double, nb::c_contig, nb::device::cpu>;
using Labels = std::optional<nb::ndarray<std::int64_t, nb::c_contig, nb::device::cpu>>;
using Arrays = std::vector<Result>;

// Whether a signal, such as Ctrl-C, raised an exception; looks every 20 ms.
class SignalCheck {
  public:
    bool operator()();

  private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point last_ = Clock::now();
};

// Throws a ValueError that says what, unless something holds.
void expect(bool holds, const char* what);

Rows rows_of(const Matrix& values, const std::optional<Numbers>& weights);
Structure structure_named(const std::string& name);
Sharing sharing_named(const std::string& name);

// How many numbers the covariances of a mixture are, or the factors of their precisions.
std::size_t factors_expected(Structure structure, std::size_t n_components,
                             std::size_t n_features);

// What an M-step takes, all but the moments of a mixture.
Moments model_of(const std::string& structure, const std::string& sharing,
                 std::size_t n_components, const Numbers& bound, double ridge, double tolerance,
                 const std::optional<Numbers>& held_weights);

// Throws a ValueError unless arrays have the sizes of a mixture of the model.
template <class Array>
void expect_sizes(const Moments& model, const Array& weights, const Array& means,
                  const Array& covariances, const Array& factors) {
    const auto n_components = static_cast<std::size_t>(model.n_components);
    const auto n_features = static_cast<std::size_t>(model.n_features);
    const std::size_t size = factors_expected(model.structure, n_components, n_features);
    expect(weights.size() == n_components, "weights of another size");
    expect(means.size() == n_components * n_features, "means of another size");
    expect(covariances.size() == size, "covariances of another size");
    expect(factors.size() == size, "factors of another size");
}

// Each adds the functions of its file to the module.
void add_passes(nb::module_& m);
void add_maximisation(nb::module_& m);
void add_steps(nb::module_& m);
void add_chart(nb::module_& m);
void add_starts(nb::module_& m);

}  // namespace bactrian::bindings
