#include "bindings.hpp"
#include "chart.hpp"

namespace bactrian::bindings {
namespace {

Base base_of(const std::string& structure, const std::string& sharing,
                       bool weights_move, const Numbers& weights, const Numbers& means,
                       const Numbers& factors) {
    const std::size_t n_components = weights.size();
    expect(n_components > 0 && means.size() % n_components == 0, "means of another size");
    const std::size_t n_features = means.size() / n_components;
    expect(n_features > 0 && n_features <= most_charted, "too many features, or none");
    const Structure shape = structure_named(structure);
    expect(factors.size() == factors_expected(shape, n_components, n_features),
           "factors of another size");
    return {shape,
            sharing_named(sharing),
            static_cast<int>(n_components),
            static_cast<int>(n_features),
            weights_move,
            weights.data(),
            means.data(),
            factors.data()};
}

void locate(const std::string& structure, const std::string& sharing, bool weights_move,
            const Numbers& base_weights, const Numbers& base_means, const Numbers& base_factors,
            const Numbers& weights, const Numbers& means, const Numbers& covariances,
            const Result& vector) {
    const Base base =
        base_of(structure, sharing, weights_move, base_weights, base_means, base_factors);
    expect(weights.size() == base_weights.size(), "weights of another size");
    expect(means.size() == base_means.size(), "means of another size");
    expect(covariances.size() == base_factors.size(), "covariances of another size");
    expect(vector.size() == n_coordinates(base), "a vector of another size");
    bactrian::locate(base, weights.data(), means.data(), covariances.data(), vector.data());
}

bool point(const std::string& structure, const std::string& sharing, bool weights_move,
           const Numbers& base_weights, const Numbers& base_means, const Numbers& base_factors,
           const Numbers& vector, const Result& weights, const Result& means,
           const Result& covariances, const Result& factors) {
    const Base base =
        base_of(structure, sharing, weights_move, base_weights, base_means, base_factors);
    expect(weights.size() == base_weights.size(), "weights of another size");
    expect(means.size() == base_means.size(), "means of another size");
    expect(covariances.size() == base_factors.size(), "covariances of another size");
    expect(factors.size() == base_factors.size(), "factors of another size");
    expect(vector.size() == n_coordinates(base), "a vector of another size");
    return bactrian::point(base, vector.data(),
                           {weights.data(), means.data(), covariances.data(), factors.data()});
}

}  // namespace

void add_chart(nb::module_& m) {
    m.attr("MOST_CHARTED") = most_charted;
    m.def("locate", &locate, nb::arg("structure"), nb::arg("sharing"), nb::arg("weights_move"),
          nb::arg("base_weights").noconvert(),
          nb::arg("base_means").noconvert(), nb::arg("base_factors").noconvert(),
          nb::arg("weights").noconvert(), nb::arg("means").noconvert(),
          nb::arg("covariances").noconvert(), nb::arg("vector").noconvert(),
          "Write the coordinates of a mixture around another, of at most MOST_CHARTED features.");
    m.def("point", &point, nb::arg("structure"), nb::arg("sharing"), nb::arg("weights_move"),
          nb::arg("base_weights").noconvert(), nb::arg("base_means").noconvert(),
          nb::arg("base_factors").noconvert(), nb::arg("vector").noconvert(),
          nb::arg("weights").noconvert(), nb::arg("means").noconvert(),
          nb::arg("covariances").noconvert(), nb::arg("factors").noconvert(),
          "Write the mixture at some coordinates around another; return False if it has none.");
}

}  // namespace bactrian::bindings
