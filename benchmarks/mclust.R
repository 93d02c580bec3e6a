# What mclust takes for a task on a table, without the start of R, and the BIC that it finds.
# Rscript mclust.R TABLE TASK COMPONENTS RESAMPLES, a CSV file without a header; JSON comes out.
suppressMessages(library(mclust))
given <- commandArgs(trailingOnly = TRUE)
X <- as.matrix(read.csv(given[1], header = FALSE))
components <- 1:as.integer(given[3])
resamples <- as.integer(given[4])
set.seed(0)
cells <- character()
if (given[2] == "search") {
  taken <- system.time(found <- mclustBIC(X, G = components, verbose = FALSE))
  for (model in colnames(found)) for (k in rownames(found)) {
    bic <- found[k, model]
    # Ours is the lower, the better.
    if (!is.na(bic)) cells <- c(cells, sprintf('"%s %s": %.6f', model, k, -bic))
  }
} else if (given[2] == "test") {
  taken <- system.time(
    mclustBootstrapLRT(X, modelName = "VVV", nboot = resamples, maxG = 1, verbose = FALSE))
} else {
  fitted <- Mclust(X, G = 2, modelNames = "VVV", verbose = FALSE)
  taken <- system.time(MclustBootstrap(fitted, nboot = resamples, verbose = FALSE))
}
cat(sprintf('{"seconds": %.4f, "version": "%s", "bic": {%s}}\n', taken[["elapsed"]],
            packageVersion("mclust"), paste(cells, collapse = ", ")))
