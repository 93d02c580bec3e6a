#include "bindings.hpp"

#include <algorithm>
#include <tuple>

#include "advance.hpp"
#include "image.hpp"

namespace bactrian::bindings {
namespace {

Maximisers maximisers_of(const Moments& model, const Arrays& arrays) {
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

    void expect_sizes_of(const Moments& model, std::size_t n) const {
        maximisers_of(model, base);
        expect(vectors.size() == 3 + 2 * most_moves, "other vectors in memory");
        for (const Result& vector : vectors) {
            expect(vector.size() == n, "a vector of another size");
        }
    }

    Memory read(const Remembered& numbers) const {
        const auto [radius, length, n_moves, laid_out, stands, foresees] = numbers;
        expect(n_moves >= 0 && static_cast<std::size_t>(n_moves) <= most_moves,
               "too many moves");
        Memory memory;
        memory.radius = radius;
        memory.length = length;
        memory.laid_out = laid_out;
        memory.foresees = foresees;
        const auto taken = [](const Result& array) {
            return Vector(array.data(), array.data() + array.size());
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
            memory.changes.push_back(taken(vectors[3 + most_moves + i]));
        }
        return memory;
    }

    Remembered write(const Memory& memory) const {
        const auto given = [](const Vector& from, const Result& to) {
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
            given(memory.changes[i], vectors[3 + most_moves + i]);
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
                  double rival, int racing_after, const Vector& trace, int n_plain,
                  bool is_plain, double log_likelihood, double weight, const Arrays& moments,
                  const Arrays& now, const Arrays& before, const Arrays& base,
                  const Arrays& vectors, const Remembered& remembered) {
    expect(moments.size() == 3, "three arrays are moments");
    Moments model = model_of(structure, sharing, moments[0].size(), bound, ridge, tolerance,
                             held_weights);
    expect(values.shape(1) == bound.size(), "rows of another width");
    expect(lowest.size() == bound.size(), "lowest of another size");
    expect(!trace.empty(), "no objective");
    model.lowest = lowest.data();
    expect_sizes(model, moments[0], moments[1], moments[2], moments[2]);
    const Base coordinates{model.structure, model.sharing, model.n_components, model.n_features,
                           !held_weights,   nullptr,       nullptr,            nullptr};
    const MemoryArrays memory{base, vectors};
    memory.expect_sizes_of(model, n_coordinates(coordinates));
    const Rows rows = rows_of(values, row_weights);
    const Maximisers last = maximisers_of(model, before);
    Standing standing{maximisers_of(model, now),
                      {moments[0].data(), moments[1].data(), moments[2].data(), log_likelihood,
                       weight, 0},
                      trace,
                      n_plain,
                      is_plain,
                      memory.read(remembered)};
    int passes = 0;
    {
        nb::gil_scoped_release without_gil;
        Stop stop{SignalCheck()};
        const Pace pace{most, enough, accelerated, gain, to_come, due, rival, racing_after};
        passes = bactrian::advance({path, rows, n_threads}, model, pace, stop, standing, last);
    }
    if (passes < 0) throw nb::python_error();
    const Vector gained(
        standing.trace.begin() + static_cast<std::ptrdiff_t>(trace.size()), standing.trace.end());
    return nb::make_tuple(passes, gained, standing.n_plain, standing.is_plain,
                          standing.statistics.log_likelihood, standing.statistics.weight,
                          memory.write(standing.memory));
}

bool image(const std::string& path, const Matrix& values,
           const std::optional<Numbers>& row_weights, const std::string& structure,
           const std::string& sharing, const Numbers& bound, double ridge, double tolerance,
           const std::optional<Numbers>& held_weights, const Numbers& lowest, int n_threads,
           const Numbers& base_weights, const Numbers& base_means, const Numbers& base_factors,
           const Numbers& vector, const Result& led) {
    Moments model = model_of(structure, sharing, base_weights.size(), bound, ridge, tolerance,
                             held_weights);
    expect(values.shape(1) == bound.size(), "rows of another width");
    expect(lowest.size() == bound.size(), "lowest of another size");
    expect(bound.size() <= static_cast<std::size_t>(most_charted), "too many features");
    expect_sizes(model, base_weights, base_means, base_factors, base_factors);
    model.lowest = lowest.data();
    const Base base{model.structure,     model.sharing,    model.n_components,
                    model.n_features,    !held_weights,    base_weights.data(),
                    base_means.data(),   base_factors.data()};
    expect(vector.size() == n_coordinates(base), "a vector of another size");
    expect(led.size() == vector.size(), "a result of another size");
    const Rows rows = rows_of(values, row_weights);
    bool done = false, stopped = false;
    {
        nb::gil_scoped_release without_gil;
        Stop stop{SignalCheck()};
        done = bactrian::image({path, rows, n_threads}, model, base, vector.data(), stop,
                               led.data());
        stopped = stop.stopped();
    }
    if (stopped) throw nb::python_error();
    return done;
}

}  // namespace

void add_steps(nb::module_& m) {
    m.attr("MOST_MOVES") = most_moves;
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
    m.def("image", &image, nb::arg("path"), nb::arg("values").noconvert(),
          nb::arg("row_weights").none().noconvert(), nb::arg("structure"), nb::arg("sharing"),
          nb::arg("bound").noconvert(), nb::arg("ridge"), nb::arg("tolerance"),
          nb::arg("held_weights").none().noconvert(), nb::arg("lowest").noconvert(),
          nb::arg("n_threads"), nb::arg("base_weights").noconvert(),
          nb::arg("base_means").noconvert(), nb::arg("base_factors").noconvert(),
          nb::arg("vector").noconvert(), nb::arg("led").noconvert(),
          "Write where a step of EM leads from some coordinates around a mixture, in these "
          "coordinates; return False where the reference must take it.");
}

}  // namespace bactrian::bindings
