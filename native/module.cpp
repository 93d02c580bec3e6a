// The bindings of bactrian._native: only translation between Python and the C++ beside it.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <chrono>
#include <tuple>

#include "advance.hpp"
#include "build_info.hpp"
#include "chart.hpp"
#include "mstep.hpp"
#include "passes.hpp"
#include "paths.hpp"

namespace nb = nanobind;

namespace {

using Clock = std::chrono::steady_clock;
using Matrix = nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>;
using Numbers = nb::ndarray<const double, nb::c_contig, nb::device::cpu>;
using Result = nb::ndarray<double, nb::c_contig, nb::device::cpu>;

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

// Whether a signal, such as Ctrl-C, raised an exception; looks every 20 ms.
class SignalCheck {
  public:
    bool operator()() {
        const Clock::time_point now = Clock::now();
        if (now - last_ < std::chrono::milliseconds(20)) return false;
        last_ = now;
        nb::gil_scoped_acquire with_gil;
        return PyErr_CheckSignals() != 0;
    }

  private:
    Clock::time_point last_ = Clock::now();
};

bool is_single(const Matrix& values) {
    if (values.dtype() == nb::dtype<float>()) return true;
    if (values.dtype() == nb::dtype<double>()) return false;
    throw nb::type_error("rows must be float32 or float64");
}

bactrian::Rows rows_of(const Matrix& values, const double* weights) {
    return {
        values.data(),
        is_single(values),
        static_cast<std::int64_t>(values.shape(0)),
        static_cast<int>(values.shape(1)),
        values.stride(0),
        values.stride(1),
        weights,
    };
}

bactrian::Structure structure_named(const std::string& name) {
    using bactrian::Structure;
    if (name == "full") return Structure::full;
    if (name == "tied") return Structure::tied;
    if (name == "diag") return Structure::diag;
    if (name == "spherical") return Structure::spherical;
    throw nb::value_error("no such structure");
}

bactrian::Sharing sharing_named(const std::string& name) {
    if (name.empty()) return nullptr;
    const auto found = bactrian::sharings().find(name);
    if (found == bactrian::sharings().end()) throw nb::value_error("nothing of that name is shared");
    return found->second;
}

std::vector<std::string> sharing_names() {
    std::vector<std::string> names;
    for (const auto& [name, share] : bactrian::sharings()) names.push_back(name);
    return names;
}

void expect(bool holds, const char* what) {
    if (!holds) throw nb::value_error(what);
}

std::size_t factors_expected(bactrian::Structure structure, std::size_t n_components,
                             std::size_t n_features) {
    switch (structure) {
        case bactrian::Structure::full:
            return n_components * n_features * n_features;
        case bactrian::Structure::tied:
            return n_features * n_features;
        case bactrian::Structure::diag:
            return n_components * n_features;
        default:
            return n_components;
    }
}

bactrian::Mixture mixture_of(const Matrix& values, const std::string& structure,
                             const Numbers& means, const Numbers& origins, const Numbers& factors,
                             const Numbers& log_constants) {
    const std::size_t n_components = log_constants.size(), n_features = values.shape(1);
    const bactrian::Structure shape = structure_named(structure);
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
nb::tuple statistics_of(const std::string& path, const bactrian::Rows& rows,
                        const bactrian::Mixture& mixture, const Numbers& factors,
                        const Result& resp_sum, const Result& first, const Result& second,
                        Pass pass) {
    const auto n_components = static_cast<std::size_t>(mixture.n_components);
    expect(resp_sum.size() == n_components, "resp_sum of another size");
    expect(first.size() == n_components * static_cast<std::size_t>(mixture.n_features),
           "first of another size");
    expect(second.size() == factors.size(), "second of another size");
    bactrian::Statistics statistics{resp_sum.data(), first.data(), second.data(), 0.0, 0.0, 0};
    bool whole = false;
    {
        nb::gil_scoped_release without_gil;
        bactrian::Stop stop{SignalCheck()};
        const auto estep = bactrian::new_estep(path, mixture, rows.single, stop);
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
    const bactrian::Mixture mixture =
        mixture_of(values, structure, means, origins, factors, log_constants);
    expect(!weights || weights->size() == values.shape(0), "weights of another size");
    const bactrian::Rows rows = rows_of(values, weights ? weights->data() : nullptr);
    return statistics_of(path, rows, mixture, factors, resp_sum, first, second,
                         [&](const auto& estep, bactrian::Stop stop, auto& statistics) {
                             return bactrian::accumulate(estep, rows, n_threads, stop, statistics);
                         });
}

using Drawn = nb::ndarray<std::int32_t, nb::c_contig, nb::device::cpu>;

nb::tuple draw(const std::string& path, const Matrix& values, const std::string& structure,
               const Numbers& means, const Numbers& origins, const Numbers& factors,
               const Numbers& log_constants, std::uint64_t key, std::int64_t first_row,
               int n_threads, const Drawn& labels, const Result& resp_sum, const Result& first,
               const Result& second) {
    const bactrian::Mixture mixture =
        mixture_of(values, structure, means, origins, factors, log_constants);
    expect(labels.size() == values.shape(0), "labels of another size");
    const bactrian::Rows rows = rows_of(values, nullptr);
    const bactrian::Draw drawn{key, first_row, labels.data()};
    return statistics_of(path, rows, mixture, factors, resp_sum, first, second,
                         [&](const auto& estep, bactrian::Stop stop, auto& statistics) {
                             return bactrian::draw(estep, rows, n_threads, stop, drawn, statistics);
                         });
}

// What an M-step takes, all but the moments of a mixture.
bactrian::Moments model_of(const std::string& structure, const std::string& sharing,
                           std::size_t n_components, const Numbers& bound, double ridge,
                           double tolerance, const std::optional<Numbers>& held_weights) {
    const std::size_t n_features = bound.size();
    expect(n_components > 0 && n_features > 0, "no components or no features");
    expect(n_features <= bactrian::most_features, "too many features");
    expect(!held_weights || held_weights->size() == n_components, "held_weights of another size");
    bactrian::Moments model{};
    model.structure = structure_named(structure);
    model.sharing = sharing_named(sharing);
    expect(model.structure != bactrian::Structure::tied ||
               model.sharing == nullptr,
           "one covariance shares nothing with others");
    model.n_components = static_cast<int>(n_components);
    model.n_features = static_cast<int>(n_features);
    model.bound = bound.data();
    model.ridge = ridge;
    model.tolerance = tolerance;
    model.held_weights = held_weights ? held_weights->data() : nullptr;
    return model;
}

// Whether arrays have the sizes of a mixture of the model.
template <class Array>
void expect_sizes(const bactrian::Moments& model, const Array& weights, const Array& means,
                  const Array& covariances, const Array& factors) {
    const auto n_components = static_cast<std::size_t>(model.n_components);
    const auto n_features = static_cast<std::size_t>(model.n_features);
    const std::size_t size = factors_expected(model.structure, n_components, n_features);
    expect(weights.size() == n_components, "weights of another size");
    expect(means.size() == n_components * n_features, "means of another size");
    expect(covariances.size() == size, "covariances of another size");
    expect(factors.size() == size, "factors of another size");
}

bool maximise(const std::string& structure, const std::string& sharing, const Numbers& origins,
              const Numbers& resp_sum, const Numbers& first, const Numbers& second, double weight,
              const Numbers& bound, double ridge, double tolerance, const Numbers& previous,
              const std::optional<Numbers>& held_weights, const Result& weights,
              const Result& means, const Result& covariances, const Result& factors) {
    bactrian::Moments moments =
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
    expect(n_features > 0 && n_features <= bactrian::most_features, "too many features");
    const std::size_t n = factors_expected(structure_named(structure), resp_sum.size(), n_features);
    expect(values.size() == n, "values of another size");
    expect(previous.size() == n, "previous of another size");
    return bactrian::share(sharing_named(sharing),
                           {static_cast<int>(resp_sum.size()), static_cast<int>(n_features),
                            resp_sum.data(), previous.data(), values.data()});
}

using Arrays = std::vector<Result>;

bactrian::Maximisers maximisers_of(const bactrian::Moments& model, const Arrays& arrays) {
    expect(arrays.size() == 4, "four arrays are a mixture");
    expect_sizes(model, arrays[0], arrays[1], arrays[2], arrays[3]);
    return {arrays[0].data(), arrays[1].data(), arrays[2].data(), arrays[3].data()};
}

// What the acceleration remembers: its base; here, residual and foreseen; moves and changes. The
// numbers are radius, length, how many moves there are, and whether there is a base, a here, and a
// foreseen.
using Remembered = std::tuple<double, double, int, bool, bool, bool>;

struct MemoryArrays {
    Arrays base, vectors;

    void expect_sizes_of(const bactrian::Moments& model, std::size_t n) const {
        maximisers_of(model, base);
        expect(vectors.size() == 3 + 2 * bactrian::most_moves, "other vectors in memory");
        for (const Result& vector : vectors) {
            expect(vector.size() == n, "a vector of another size");
        }
    }

    bactrian::Memory read(const Remembered& numbers) const {
        const auto [radius, length, n_moves, laid_out, stands, foresees] = numbers;
        expect(n_moves >= 0 && static_cast<std::size_t>(n_moves) <= bactrian::most_moves,
               "too many moves");
        bactrian::Memory memory;
        memory.radius = radius;
        memory.length = length;
        memory.laid_out = laid_out;
        memory.foresees = foresees;
        const auto taken = [](const Result& array) {
            return bactrian::Vector(array.data(), array.data() + array.size());
        };
        if (!laid_out) return memory;
        memory.base_weights = taken(base[0]);
        memory.base_means = taken(base[1]);
        memory.base_covariances = taken(base[2]);
        memory.base_factors = taken(base[3]);
        if (stands) {
            memory.here = taken(vectors[0]);
            memory.residual = taken(vectors[1]);
        }
        if (foresees) memory.foreseen = taken(vectors[2]);
        for (std::size_t i = 0; i < static_cast<std::size_t>(n_moves); ++i) {
            memory.moves.push_back(taken(vectors[3 + i]));
            memory.changes.push_back(taken(vectors[3 + bactrian::most_moves + i]));
        }
        return memory;
    }

    Remembered write(const bactrian::Memory& memory) const {
        const auto given = [](const bactrian::Vector& from, const Result& to) {
            std::copy(from.begin(), from.end(), to.data());
        };
        given(memory.base_weights, base[0]);
        given(memory.base_means, base[1]);
        given(memory.base_covariances, base[2]);
        given(memory.base_factors, base[3]);
        given(memory.here, vectors[0]);
        given(memory.residual, vectors[1]);
        given(memory.foreseen, vectors[2]);
        for (std::size_t i = 0; i < memory.moves.size(); ++i) {
            given(memory.moves[i], vectors[3 + i]);
            given(memory.changes[i], vectors[3 + bactrian::most_moves + i]);
        }
        return {memory.radius,   memory.length,        static_cast<int>(memory.moves.size()),
                memory.laid_out, !memory.here.empty(), memory.foresees};
    }
};

nb::tuple advance(const std::string& path, const Matrix& values,
                  const std::optional<Numbers>& row_weights, const std::string& structure,
                  const std::string& sharing, const Numbers& bound, double ridge, double tolerance,
                  const std::optional<Numbers>& held_weights, const Numbers& lowest, int n_threads,
                  int most, int enough, bool accelerated, double gain, double to_come, double due,
                  double rival, int racing_after, const bactrian::Vector& trace, int n_plain,
                  bool is_plain, double log_likelihood, double weight, const Arrays& moments,
                  const Arrays& now, const Arrays& before, const Arrays& base,
                  const Arrays& vectors, const Remembered& remembered) {
    expect(moments.size() == 3, "three arrays are moments");
    bactrian::Moments model = model_of(structure, sharing, moments[0].size(), bound, ridge,
                                       tolerance, held_weights);
    expect(values.shape(1) == bound.size(), "rows of another width");
    expect(lowest.size() == bound.size(), "lowest of another size");
    expect(!row_weights || row_weights->size() == values.shape(0), "weights of another size");
    expect(!trace.empty(), "no objective");
    model.lowest = lowest.data();
    expect_sizes(model, moments[0], moments[1], moments[2], moments[2]);
    const bactrian::Base coordinates{model.structure,  model.sharing,
                                     model.n_components, model.n_features,
                                     !held_weights,    nullptr,
                                     nullptr,          nullptr};
    const MemoryArrays memory{base, vectors};
    memory.expect_sizes_of(model, bactrian::n_coordinates(coordinates));
    const bactrian::Rows rows = rows_of(values, row_weights ? row_weights->data() : nullptr);
    const bactrian::Maximisers last = maximisers_of(model, before);
    bactrian::Standing standing{maximisers_of(model, now),
                                {moments[0].data(), moments[1].data(), moments[2].data(),
                                 log_likelihood, weight, 0},
                                trace,
                                n_plain,
                                is_plain,
                                memory.read(remembered)};
    int passes = 0;
    {
        nb::gil_scoped_release without_gil;
        bactrian::Stop stop{SignalCheck()};
        const bactrian::Pace pace{most, enough, accelerated, gain, to_come, due, rival,
                                  racing_after};
        passes = bactrian::advance(path, rows, n_threads, model, pace, stop, standing, last);
    }
    if (passes < 0) throw nb::python_error();
    const bactrian::Vector gained(
        standing.trace.begin() + static_cast<std::ptrdiff_t>(trace.size()), standing.trace.end());
    return nb::make_tuple(passes, gained, standing.n_plain, standing.is_plain,
                          standing.statistics.log_likelihood, standing.statistics.weight,
                          memory.write(standing.memory));
}

bactrian::Base base_of(const std::string& structure, const std::string& sharing,
                       bool weights_move, const Numbers& weights, const Numbers& means,
                       const Numbers& factors) {
    const std::size_t n_components = weights.size();
    expect(n_components > 0 && means.size() % n_components == 0, "means of another size");
    const std::size_t n_features = means.size() / n_components;
    expect(n_features > 0 && n_features <= bactrian::most_charted, "too many features, or none");
    const bactrian::Structure shape = structure_named(structure);
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
    const bactrian::Base base =
        base_of(structure, sharing, weights_move, base_weights, base_means, base_factors);
    expect(weights.size() == base_weights.size(), "weights of another size");
    expect(means.size() == base_means.size(), "means of another size");
    expect(covariances.size() == base_factors.size(), "covariances of another size");
    expect(vector.size() == bactrian::n_coordinates(base), "a vector of another size");
    bactrian::locate(base, weights.data(), means.data(), covariances.data(), vector.data());
}

bool point(const std::string& structure, const std::string& sharing, bool weights_move,
           const Numbers& base_weights, const Numbers& base_means, const Numbers& base_factors,
           const Numbers& vector, const Result& weights, const Result& means,
           const Result& covariances, const Result& factors) {
    const bactrian::Base base =
        base_of(structure, sharing, weights_move, base_weights, base_means, base_factors);
    expect(weights.size() == base_weights.size(), "weights of another size");
    expect(means.size() == base_means.size(), "means of another size");
    expect(covariances.size() == base_factors.size(), "covariances of another size");
    expect(factors.size() == base_factors.size(), "factors of another size");
    expect(vector.size() == bactrian::n_coordinates(base), "a vector of another size");
    return bactrian::point(base, vector.data(),
                           {weights.data(), means.data(), covariances.data(), factors.data()});
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
using Labels = std::optional<nb::ndarray<std::int64_t, nb::c_contig, nb::device::cpu>>;

bool evaluate(const std::string& path, const Matrix& values, const std::string& structure,
              const Numbers& means, const Numbers& factors, const Numbers& log_constants,
              int n_threads, const Wanted& log_density, const Wanted& resp, const Labels& labels) {
    const bactrian::Mixture mixture =
        mixture_of(values, structure, means, means, factors, log_constants);
    const bactrian::Rows rows = rows_of(values, nullptr);
    const std::size_t n_rows = values.shape(0);
    expect(!labels || labels->size() == n_rows, "labels of another size");
    const bactrian::RowResults results{
        data_of(log_density, rows.single, n_rows),
        data_of(resp, rows.single, n_rows * log_constants.size()),
        labels ? labels->data() : nullptr,
    };
    bool whole = false, lost = false;
    {
        nb::gil_scoped_release without_gil;
        bactrian::Stop stop{SignalCheck()};
        const auto estep = bactrian::new_estep(path, mixture, rows.single, stop);
        whole = bactrian::evaluate(*estep, rows, n_threads, stop, results, lost);
    }
    if (!whole) throw nb::python_error();
    return lost;
}

bactrian::Centres centres_of(const Matrix& values, const Numbers& centres) {
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
    const bactrian::Centres to = centres_of(values, centres);
    const std::size_t n_rows = values.shape(0);
    expect(!weights || weights->size() == n_rows, "weights of another size");
    expect(!labels || labels->size() == n_rows, "labels of another size");
    expect(mass.has_value() == first.has_value(), "mass without first, or first without mass");
    const bactrian::Rows rows = rows_of(values, weights ? weights->data() : nullptr);
    const bactrian::Nearest nearest{labels ? labels->data() : nullptr,
                                    optional_data(squared, n_rows)};
    bactrian::Clusters clusters{optional_data(mass, static_cast<std::size_t>(to.n_centres)),
                                optional_data(first, centres.size()), 0.0};
    bool whole = false;
    {
        nb::gil_scoped_release without_gil;
        const auto kmeans = bactrian::new_kmeans(path, to, rows.single);
        whole = bactrian::assign(*kmeans, rows, n_threads, bactrian::Stop{SignalCheck()}, nearest,
                                 mass ? &clusters : nullptr);
    }
    if (!whole) throw nb::python_error();
    return clusters.inertia;
}

void approach(const std::string& path, const Matrix& values, const std::optional<Numbers>& weights,
              const Numbers& centres, const Numbers& squared, int n_threads, const Result& closer,
              const Result& potential) {
    const bactrian::Centres to = centres_of(values, centres);
    const std::size_t n_rows = values.shape(0), n_centres = static_cast<std::size_t>(to.n_centres);
    expect(!weights || weights->size() == n_rows, "weights of another size");
    expect(squared.size() == n_rows, "squared of another size");
    expect(closer.size() == n_centres * n_rows, "closer of another size");
    expect(potential.size() == n_centres, "potential of another size");
    const bactrian::Rows rows = rows_of(values, weights ? weights->data() : nullptr);
    bool whole = false;
    {
        nb::gil_scoped_release without_gil;
        const auto kmeans = bactrian::new_kmeans(path, to, rows.single);
        whole = bactrian::approach(*kmeans, rows, n_threads, bactrian::Stop{SignalCheck()},
                                   squared.data(), closer.data(), potential.data());
    }
    if (!whole) throw nb::python_error();
}

}  // namespace

NB_MODULE(_native, m) {
    m.doc() = "The compiled part of bactrian.";
    m.def("build_info", &build_info, "How this module was compiled.");
    m.def("paths", &bactrian::paths_that_run,
          "Instruction sets that were compiled and run here, the best first.");
    // Nothing is converted: what is written must be written into the caller's arrays.
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
    m.attr("SHARING") = sharing_names();  // by name, what components may share
    m.attr("MOST_FEATURES") = bactrian::most_features;
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
    m.def("advance", &advance, nb::arg("path"), nb::arg("values").noconvert(),
          nb::arg("row_weights").none().noconvert(), nb::arg("structure"), nb::arg("sharing"),
          nb::arg("bound").noconvert(), nb::arg("ridge"), nb::arg("tolerance"),
          nb::arg("held_weights").none().noconvert(), nb::arg("lowest").noconvert(),
          nb::arg("n_threads"), nb::arg("most"), nb::arg("enough"), nb::arg("accelerated"),
          nb::arg("gain"), nb::arg("to_come"), nb::arg("due"), nb::arg("rival"),
          nb::arg("racing_after"), nb::arg("trace"), nb::arg("n_plain"), nb::arg("is_plain"),
          nb::arg("log_likelihood"), nb::arg("weight"), nb::arg("moments").noconvert(),
          nb::arg("now").noconvert(), nb::arg("before").noconvert(), nb::arg("base").noconvert(),
          nb::arg("vectors").noconvert(), nb::arg("remembered"),
          "Take steps of EM from a mixture, its moments and what the acceleration remembers, all "
          "of which are overwritten; return the passes made, the objectives on the way, how many "
          "of the last are of plain steps, whether the last was one, the log-likelihood and "
          "weight at its end, and the numbers of the memory.");
    m.attr("MOST_MOVES") = bactrian::most_moves;
    m.attr("MOST_CHARTED") = bactrian::most_charted;
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
    m.def("evaluate", &evaluate, nb::arg("path"), nb::arg("values").noconvert(),
          nb::arg("structure"), nb::arg("means").noconvert(), nb::arg("factors").noconvert(),
          nb::arg("log_constants").noconvert(), nb::arg("n_threads"),
          nb::arg("log_density").none().noconvert(), nb::arg("resp").none().noconvert(),
          nb::arg("labels").none().noconvert(),
          "Write log-densities, responsibilities or labels of each row; whether a row has density "
          "0 under every component: it gets NaN, or -1.");
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
