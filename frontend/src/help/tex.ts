// Formulas of more than a symbol or two, named. w is the weight, so that π is the number.
const tex = String.raw;

export const density = {
  sum: tex`p(x) = w_1\,f_1(x) + w_2\,f_2(x) + \dots + w_K\,f_K(x)`,
  weights: tex`w_k \ge 0,\qquad w_1 + \dots + w_K = 1`,
  mixture: tex`p(x) = \sum_{k=1}^{K} w_k\,\mathcal N(x \mid \mu_k, \Sigma_k)`,
  normal: tex`\mathcal N(x \mid \mu, \sigma^2) = \frac{1}{\sqrt{2\pi}\,\sigma}\,\exp\!\left(-\frac{(x-\mu)^2}{2\sigma^2}\right)`,
  normals: tex`\mathcal N(x \mid \mu, \Sigma) = \frac{\exp\!\left(-\tfrac12\,\delta^2\right)}{(2\pi)^{D/2}\,|\Sigma|^{1/2}}`,
  distance: tex`\delta^2 = (x-\mu)^\top\,\Sigma^{-1}\,(x-\mu)`,
  covariance: tex`\Sigma = \begin{pmatrix} \sigma_1^2 & \rho\,\sigma_1\sigma_2 \\[0.5em] \rho\,\sigma_1\sigma_2 & \sigma_2^2 \end{pmatrix}`,
  structure: tex`\Sigma_k = \lambda_k\,D_k\,A_k\,D_k^\top`,
};

export const em = {
  responsibility: tex`r_{ik} = \frac{w_k\,\mathcal N(x_i \mid \mu_k, \Sigma_k)}{\sum_{j=1}^{K} w_j\,\mathcal N(x_i \mid \mu_j, \Sigma_j)}`,
  bayes: tex`P(k \mid x_i) = \frac{P(k)\;p(x_i \mid k)}{p(x_i)}`,
  rows: tex`N_k = \sum_{i=1}^{N} r_{ik}`,
  weight: tex`w_k = \frac{N_k}{N}`,
  mean: tex`\mu_k = \frac{1}{N_k} \sum_{i=1}^{N} r_{ik}\,x_i`,
  covariance: tex`\Sigma_k = \frac{1}{N_k} \sum_{i=1}^{N} r_{ik}\,(x_i-\mu_k)(x_i-\mu_k)^\top`,
  likelihood: tex`\ell(\theta) = \sum_{i=1}^{N} \log \sum_{k=1}^{K} w_k\,\mathcal N(x_i \mid \mu_k, \Sigma_k)`,
  bound: tex`F(r, \theta) = \sum_{i=1}^{N} \sum_{k=1}^{K} r_{ik} \log \frac{w_k\,\mathcal N(x_i \mid \mu_k, \Sigma_k)}{r_{ik}}`,
  below: tex`F(r, \theta) \le \ell(\theta)`,
  chain: tex`\ell(\theta^{\text{new}}) \ge F(r, \theta^{\text{new}}) \ge F(r, \theta^{\text{old}}) = \ell(\theta^{\text{old}})`,
  tolerance: tex`\frac{\ell(\theta^{\text{new}}) - \ell(\theta^{\text{old}})}{N} < \varepsilon`,
  posterior: tex`\log p(\theta \mid x_1, \dots, x_N) = \ell(\theta) + \log p(\theta) + \text{constant}`,
};

export const bayes = {
  rule: tex`p(\theta \mid x_1, \dots, x_n) = \frac{p(x_1, \dots, x_n \mid \theta)\;p(\theta)}{p(x_1, \dots, x_n)}`,
  values: tex`x_1, \dots, x_n`,
  prior: tex`\mu \sim \mathcal N(\mu_0, \sigma_0^2)`,
  posterior: tex`\mu \mid x_1, \dots, x_n \sim \mathcal N(\mu_n, \sigma_n^2)`,
};

export const choice = {
  parameters: tex`p = (K-1) + K D + K\,\frac{D(D+1)}{2}`,
  bic: tex`\mathrm{BIC} = -2\,\ell + p \log N`,
  aic: tex`\mathrm{AIC} = -2\,\ell + 2\,p`,
  icl: tex`\mathrm{ICL} = \mathrm{BIC} - 2 \sum_{i=1}^{N} \log \max_k r_{ik}`,
};

export const symbol = {
  resp: tex`r_{ik}`,
  respRow: tex`r_{i1} + \dots + r_{iK} = 1`,
  rows: tex`x_1, \dots, x_N`,
  real: tex`\mathbb R^D`,
  old: tex`\theta^{\text{old}}`,
  new: tex`\theta^{\text{new}}`,
  rho: tex`-1 \le \rho \le 1`,
  unit: tex`0 \le r_{ik} \le 1`,
  weight: tex`0 \le w_k \le 1`,
  deviation: tex`\sigma_{kd}`,
  correlation: tex`\rho_{k,de}`,
  sigma: tex`\sigma_{kd} > 0`,
};
