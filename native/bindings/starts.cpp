#include "bindings.hpp"

#include <algorithm>

#include "groups.hpp"
#include "passes.hpp"
#include "paths.hpp"

namespace bactrian::bindings {
namespace {

Centres centres_of(const Matrix& values, const Numbers& centres) {
    const std::size_t n_features = values.shape(1);
    expect(n_features > 0 && centres.size() > 0, "no centres or no features");
    expect(centres.size() % n_features == 0, "centres of another size");
    return {static_cast<int>(centres.size() / n_features), static_cast<int>(n_features),
            centres.data()};
}

double* optional_data(const std::optional<Result>& array, std::size_t size) {
    expect(!array || array->size() == size, "a result of another size");
    return array ? array->data() : nullptr;
}

double assign(const std::string& path, const Matrix& values, const std::optional<Numbers>& weights,
              const Numbers& centres, int n_threads, const Labels& labels,
              const std::optional<Result>& squared, const std::optional<Result>& mass,
              const std::optional<Result>& first) {
    const Centres to = centres_of(values, centres);
    const std::size_t n_rows = values.shape(0);
    expect(!labels || labels->size() == n_rows, "labels of another size");
    expect(mass.has_value() == first.has_value(), "mass without first, or first without mass");
    const Rows rows = rows_of(values, weights);
    const Nearest nearest{labels ? labels->data() : nullptr,
                                    optional_data(squared, n_rows)};
    Clusters clusters{optional_data(mass, static_cast<std::size_t>(to.n_centres)),
                                optional_data(first, centres.size()), 0.0};
    bool whole = false;
    {
        nb::gil_scoped_release without_gil;
        const auto kmeans = new_kmeans(path, to, rows.single);
        whole = bactrian::assign(*kmeans, rows, n_threads, Stop{SignalCheck()}, nearest,
                                 mass ? &clusters : nullptr);
    }
    if (!whole) throw nb::python_error();
    return clusters.inertia;
}

void approach(const std::string& path, const Matrix& values, const std::optional<Numbers>& weights,
              const Numbers& centres, const Numbers& squared, int n_threads, const Result& closer,
              const Result& potential) {
    const Centres to = centres_of(values, centres);
    const std::size_t n_rows = values.shape(0), n_centres = static_cast<std::size_t>(to.n_centres);
    expect(squared.size() == n_rows, "squared of another size");
    expect(closer.size() == n_centres * n_rows, "closer of another size");
    expect(potential.size() == n_centres, "potential of another size");
    const Rows rows = rows_of(values, weights);
    bool whole = false;
    {
        nb::gil_scoped_release without_gil;
        const auto kmeans = new_kmeans(path, to, rows.single);
        whole = bactrian::approach(*kmeans, rows, n_threads, Stop{SignalCheck()},
                                   squared.data(), closer.data(), potential.data());
    }
    if (!whole) throw nb::python_error();
}

using Marks = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

void gather(const Numbers& values, const Numbers& weights, const std::optional<Marks>& labels,
            const std::optional<Numbers>& shares, const std::string& structure,
            const Result& mass, const Result& means, const Result& first, const Result& second) {
    const Structure shape = structure_named(structure);
    const std::size_t n_rows = weights.size(), n_groups = mass.size();
    expect(n_rows > 0 && n_groups > 0, "no rows or no groups");
    const std::size_t n_features = values.size() / n_rows;
    expect(n_features > 0 && n_features * n_rows == values.size(), "rows of another width");
    expect(means.size() == n_groups * n_features, "means of another size");
    expect(first.size() == means.size(), "first of another size");
    expect(second.size() == factors_expected(shape, n_groups, n_features),
           "second of another size");
    expect(labels.has_value() != shares.has_value(), "labels or shares");
    const Table rows{values.data(), weights.data(), static_cast<std::int64_t>(n_rows),
                     static_cast<int>(n_features)};
    const GroupMoments to{mass.data(), means.data(), first.data(), second.data()};
    const int groups = static_cast<int>(n_groups);
    if (shares) {
        expect(shares->size() == n_rows * n_groups, "shares of another size");
        bactrian::gather(shape, rows, shares->data(), groups, to);
        return;
    }
    expect(labels->size() == n_rows, "labels of another size");
    const std::int64_t* marks = labels->data();
    const bool known = std::all_of(marks, marks + n_rows, [groups](std::int64_t label) {
        return label >= 0 && label < groups;
    });
    expect(known, "a label of no group");
    bactrian::gather(shape, rows, marks, groups, to);
}

bool settle(const std::string& structure, const Numbers& mass, const Numbers& means,
            const Numbers& second, const Numbers& lowest, const Numbers& place,
            const Numbers& units, double one_row, const Arrays& to) {
    const Structure shape = structure_named(structure);
    const std::size_t n_groups = mass.size(), n_features = units.size();
    expect(n_groups > 0 && n_features > 0, "no groups or no features");
    expect(n_features <= most_features, "too many features");
    const std::size_t size = factors_expected(shape, n_groups, n_features);
    expect(means.size() == n_groups * n_features, "means of another size");
    expect(second.size() == size, "second of another size");
    expect(lowest.size() == n_features && place.size() == n_features, "units of another size");
    expect(to.size() == 4 && to[0].size() == n_groups && to[1].size() == means.size() &&
               to[2].size() == size && to[3].size() == size,
           "a mixture of another size");
    // Nothing is written to the moments.
    const auto writable = [](const Numbers& array) { return const_cast<double*>(array.data()); };
    return bactrian::settle(
        shape, static_cast<int>(n_groups), static_cast<int>(n_features),
        {writable(mass), writable(means), nullptr, writable(second)}, lowest.data(),
        {place.data(), units.data()}, one_row,
        {to[0].data(), to[1].data(), to[2].data(), to[3].data()});
}

}  // namespace

void add_starts(nb::module_& m) {
    m.def("gather", &gather, nb::arg("values").noconvert(), nb::arg("weights").noconvert(),
          nb::arg("labels").none().noconvert(), nb::arg("shares").none().noconvert(),
          nb::arg("structure"), nb::arg("mass").noconvert(), nb::arg("means").noconvert(),
          nb::arg("first").noconvert(), nb::arg("second").noconvert(),
          "Write the moments of groups of rows about their means; the rows have labels, or "
          "shares in the groups.");
    m.def("settle", &settle, nb::arg("structure"), nb::arg("mass").noconvert(),
          nb::arg("means").noconvert(), nb::arg("second").noconvert(),
          nb::arg("lowest").noconvert(), nb::arg("place").noconvert(),
          nb::arg("units").noconvert(), nb::arg("one_row"), nb::arg("to").noconvert(),
          "Write the mixture of groups in the units of the data; return False if a group has no "
          "rows, or a covariance is not above the lowest.");
    m.def("assign", &assign, nb::arg("path"), nb::arg("values"), nb::arg("weights").none(),
          nb::arg("centres"), nb::arg("n_threads"), nb::arg("labels").none(),
          nb::arg("squared").none(), nb::arg("mass").none(), nb::arg("first").none(),
          "Write the label of the centre nearest to each row, the squared distance to it, and the "
          "moments of the rows nearest to each centre, about it; return the inertia, if there are "
          "moments.");
    m.def("approach", &approach, nb::arg("path"), nb::arg("values"), nb::arg("weights").none(),
          nb::arg("centres"), nb::arg("squared"), nb::arg("n_threads"), nb::arg("closer"),
          nb::arg("potential"),
          "Write the squared distance of each row to its nearest centre as each of the centres "
          "would make it, and their sums by weight.");
}

}  // namespace bactrian::bindings
