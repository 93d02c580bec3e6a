#include "bindings.hpp"
#include "passes.hpp"
#include "paths.hpp"

namespace bactrian::bindings {
namespace {

Mixture mixture_of(const Matrix& values, const std::string& structure, const Numbers& means,
                   const Numbers& origins, const Numbers& factors, const Numbers& log_constants) {
    const std::size_t n_components = log_constants.size(), n_features = values.shape(1);
    const Structure shape = structure_named(structure);
    expect(n_components > 0 && n_features > 0, "no components or no features");
    expect(means.size() == n_components * n_features, "means of another size");
    expect(origins.size() == means.size(), "origins of another size");
    expect(factors.size() == factors_expected(shape, n_components, n_features),
           "factors of another size");
    return {shape,          static_cast<int>(n_components), static_cast<int>(n_features),
            means.data(),   origins.data(),                 factors.data(),
            log_constants.data()};
}

// Statistics of a mixture in arrays of the caller, from a pass(estep, stop, statistics).
template <class Pass>
nb::tuple statistics_of(const std::string& path, const Rows& rows, const Mixture& mixture,
                        const Numbers& factors, const Result& resp_sum, const Result& first,
                        const Result& second, Pass pass) {
    const auto n_components = static_cast<std::size_t>(mixture.n_components);
    expect(resp_sum.size() == n_components, "resp_sum of another size");
    expect(first.size() == n_components * static_cast<std::size_t>(mixture.n_features),
           "first of another size");
    expect(second.size() == factors.size(), "second of another size");
    Statistics statistics{resp_sum.data(), first.data(), second.data(), 0.0, 0.0, 0};
    bool whole = false;
    {
        nb::gil_scoped_release without_gil;
        Stop stop{SignalCheck()};
        const auto estep = new_estep(path, mixture, rows.single, stop);
        whole = pass(*estep, stop, statistics);
    }
    if (!whole) throw nb::python_error();
    return nb::make_tuple(statistics.log_likelihood, statistics.weight, statistics.lost);
}

nb::tuple accumulate(const std::string& path, const Matrix& values,
                     const std::optional<Numbers>& weights, const std::string& structure,
                     const Numbers& means, const Numbers& origins, const Numbers& factors,
                     const Numbers& log_constants, int n_threads, const Result& resp_sum,
                     const Result& first, const Result& second) {
    const Mixture mixture =
        mixture_of(values, structure, means, origins, factors, log_constants);
    const Rows rows = rows_of(values, weights);
    return statistics_of(path, rows, mixture, factors, resp_sum, first, second,
                         [&](const auto& estep, Stop stop, auto& statistics) {
                             return bactrian::accumulate(estep, rows, n_threads, stop, statistics);
                         });
}

using Drawn = nb::ndarray<std::int32_t, nb::c_contig, nb::device::cpu>;

nb::tuple draw(const std::string& path, const Matrix& values, const std::string& structure,
               const Numbers& means, const Numbers& origins, const Numbers& factors,
               const Numbers& log_constants, std::uint64_t key, std::int64_t first_row,
               int n_threads, const Drawn& labels, const Result& resp_sum, const Result& first,
               const Result& second) {
    const Mixture mixture =
        mixture_of(values, structure, means, origins, factors, log_constants);
    expect(labels.size() == values.shape(0), "labels of another size");
    const Rows rows = rows_of(values, std::nullopt);
    const Draw drawn{key, first_row, labels.data()};
    return statistics_of(path, rows, mixture, factors, resp_sum, first, second,
                         [&](const auto& estep, Stop stop, auto& statistics) {
                             return bactrian::draw(estep, rows, n_threads, stop, drawn, statistics);
                         });
}

void* data_of(const std::optional<nb::ndarray<nb::c_contig, nb::device::cpu>>& array, bool single,
              std::size_t size) {
    if (!array) return nullptr;
    expect(array->size() == size, "a result of another size");
    expect(array->dtype() == (single ? nb::dtype<float>() : nb::dtype<double>()),
           "a result of another type than the rows");
    return array->data();
}

using Wanted = std::optional<nb::ndarray<nb::c_contig, nb::device::cpu>>;

bool evaluate(const std::string& path, const Matrix& values, const std::string& structure,
              const Numbers& means, const Numbers& factors, const Numbers& log_constants,
              int n_threads, const Wanted& log_density, const Wanted& resp, const Labels& labels) {
    const Mixture mixture =
        mixture_of(values, structure, means, means, factors, log_constants);
    const Rows rows = rows_of(values, std::nullopt);
    const std::size_t n_rows = values.shape(0);
    expect(!labels || labels->size() == n_rows, "labels of another size");
    const RowResults results{
        data_of(log_density, rows.single, n_rows),
        data_of(resp, rows.single, n_rows * log_constants.size()),
        labels ? labels->data() : nullptr,
    };
    bool whole = false, lost = false;
    {
        nb::gil_scoped_release without_gil;
        Stop stop{SignalCheck()};
        const auto estep = new_estep(path, mixture, rows.single, stop);
        whole = bactrian::evaluate(*estep, rows, n_threads, stop, results, lost);
    }
    if (!whole) throw nb::python_error();
    return lost;
}

}  // namespace

void add_passes(nb::module_& m) {
    m.def("accumulate", &accumulate, nb::arg("path"), nb::arg("values").noconvert(),
          nb::arg("weights").none().noconvert(), nb::arg("structure"), nb::arg("means").noconvert(),
          nb::arg("origins").noconvert(), nb::arg("factors").noconvert(),
          nb::arg("log_constants").noconvert(), nb::arg("n_threads"),
          nb::arg("resp_sum").noconvert(), nb::arg("first").noconvert(),
          nb::arg("second").noconvert(),
          "Write the moments of all rows; return log-likelihood, weight, and blocks with a row of "
          "density 0.");
    m.def("draw", &draw, nb::arg("path"), nb::arg("values").noconvert(), nb::arg("structure"),
          nb::arg("means").noconvert(), nb::arg("origins").noconvert(),
          nb::arg("factors").noconvert(), nb::arg("log_constants").noconvert(), nb::arg("key"),
          nb::arg("first_row"), nb::arg("n_threads"), nb::arg("labels").noconvert(),
          nb::arg("resp_sum").noconvert(), nb::arg("first").noconvert(),
          nb::arg("second").noconvert(),
          "Draw a component for each row, and write it and the moments of the rows of each; return "
          "as accumulate does.");
    m.def("evaluate", &evaluate, nb::arg("path"), nb::arg("values").noconvert(),
          nb::arg("structure"), nb::arg("means").noconvert(), nb::arg("factors").noconvert(),
          nb::arg("log_constants").noconvert(), nb::arg("n_threads"),
          nb::arg("log_density").none().noconvert(), nb::arg("resp").none().noconvert(),
          nb::arg("labels").none().noconvert(),
          "Write log-densities, responsibilities or labels of each row; whether a row has density "
          "0 under every component: it gets NaN, or -1.");
}

}  // namespace bactrian::bindings
