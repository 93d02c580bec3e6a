"""The M-step: from sufficient statistics to parameters, under bounds and priors."""
