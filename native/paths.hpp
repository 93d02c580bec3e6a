// The instruction sets that the kernel is compiled for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kmeans.hpp"

namespace bactrian {

// Names of those that this machine runs, the best first: v4, v3, v2 (the levels of x86-64) and
// portable.
std::vector<std::string> paths_that_run();

// The E-step of a mixture on float (`single`) or double rows. Throws std::invalid_argument if
// there is no such path here. Of no use where told to stop.
std::unique_ptr<EStep> new_estep(const std::string& path, const Mixture& mixture, bool single,
                                 Stop& stop);

// k-means for some centres; the rest likewise.
std::unique_ptr<KMeans> new_kmeans(const std::string& path, const Centres& centres, bool single);

}  // namespace bactrian
