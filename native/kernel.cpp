// The kernel for one instruction set. Compiled once for each, with BACTRIAN_ISA as its name.
#include "estep_of.hpp"

namespace bactrian::BACTRIAN_ISA {
namespace {

// Up to this many features the triangle is unrolled.
constexpr int most_small = 8;

template <class T, int D> EStep* new_full(const Mixture& mixture) {
    if constexpr (D > most_small) {
        return new EStepOf<T, FullTiled<T>>(mixture);
    } else {
        if (mixture.n_features == D) return new EStepOf<T, FullSmall<T, D>>(mixture);
        return new_full<T, D + 1>(mixture);
    }
}

template <class T> EStep* new_estep_for(const Mixture& mixture) {
    switch (mixture.structure) {
        case Structure::full:
            return new_full<T, 1>(mixture);
        case Structure::tied:
            if (Tied<T>::suits(mixture)) return new EStepOf<T, Tied<T>>(mixture);
            return new EStepOf<T, FullTiled<T>>(mixture);
        default:
            return new EStepOf<T, Diagonal<T>>(mixture);
    }
}

}  // namespace

EStep* new_estep(const Mixture& mixture, bool single) {
    return single ? new_estep_for<float>(mixture) : new_estep_for<double>(mixture);
}

}  // namespace bactrian::BACTRIAN_ISA
