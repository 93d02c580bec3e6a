#include "bindings.hpp"
#include "mstep.hpp"

namespace bactrian::bindings {
namespace {

std::vector<std::string> sharing_names() {
    std::vector<std::string> names;
    for (const auto& [name, share] : sharings()) names.push_back(name);
    return names;
}

bool maximise(const std::string& structure, const std::string& sharing, const Numbers& origins,
              const Numbers& resp_sum, const Numbers& first, const Numbers& second, double weight,
              const Numbers& bound, double ridge, double tolerance, const Numbers& previous,
              const std::optional<Numbers>& held_weights, const Result& weights,
              const Result& means, const Result& covariances, const Result& factors) {
    Moments moments =
        model_of(structure, sharing, resp_sum.size(), bound, ridge, tolerance, held_weights);
    expect_sizes(moments, weights, means, covariances, factors);
    expect_sizes(moments, resp_sum, first, second, previous);
    expect(origins.size() == means.size(), "origins of another size");
    moments.origins = origins.data();
    moments.resp_sum = resp_sum.data();
    moments.first = first.data();
    moments.second = second.data();
    moments.weight = weight;
    moments.previous = previous.data();
    return bactrian::maximise(
        moments, {weights.data(), means.data(), covariances.data(), factors.data()});
}

bool share(const std::string& structure, const std::string& sharing, std::size_t n_features,
           const Numbers& resp_sum, const Numbers& previous, const Result& values) {
    expect(n_features > 0 && n_features <= most_features, "too many features");
    const std::size_t n = factors_expected(structure_named(structure), resp_sum.size(), n_features);
    expect(values.size() == n, "values of another size");
    expect(previous.size() == n, "previous of another size");
    return bactrian::share(sharing_named(sharing),
                           {static_cast<int>(resp_sum.size()), static_cast<int>(n_features),
                            resp_sum.data(), previous.data(), values.data()});
}

}  // namespace

void add_maximisation(nb::module_& m) {
    m.attr("SHARING") = sharing_names();  // by name, what components may share
    m.attr("MOST_FEATURES") = most_features;
    m.def("maximise", &maximise, nb::arg("structure"), nb::arg("sharing"),
          nb::arg("origins").noconvert(), nb::arg("resp_sum").noconvert(),
          nb::arg("first").noconvert(), nb::arg("second").noconvert(), nb::arg("weight"),
          nb::arg("bound").noconvert(), nb::arg("ridge"), nb::arg("tolerance"),
          nb::arg("previous").noconvert(), nb::arg("held_weights").none().noconvert(),
          nb::arg("weights").noconvert(),
          nb::arg("means").noconvert(), nb::arg("covariances").noconvert(),
          nb::arg("factors").noconvert(),
          "Write the parameters of largest expected likelihood, of at most MOST_FEATURES features; "
          "return False where the reference must judge.");
    m.def("share", &share, nb::arg("structure"), nb::arg("sharing"), nb::arg("n_features"),
          nb::arg("resp_sum").noconvert(), nb::arg("previous").noconvert(),
          nb::arg("values").noconvert(),
          "Turn scatters into the covariances of largest likelihood that share what is shared; "
          "return False where the reference must judge.");
}

}  // namespace bactrian::bindings
