"""How a weight change depends on the weight.

Rules of spike-timing dependent plasticity say when a weight w grows or shrinks and by which dimensionless size a; the
dependence says what that makes of w, in volt:

    w <- w + F_plus(w) a,    w <- w - F_minus(w) a,    then clipped to [low, high]

The formulas here are for excitatory synapses, 0 <= low < high, with the range R = high - low. For inhibitory ones,
low < high <= 0, the same holds for magnitudes: read -w for w, -high for low and -low for high. So potentiation makes
any synapse stronger.
"""

from __future__ import annotations

from dataclasses import dataclass

from reafference.units import check_range


@dataclass(frozen=True)
class Additive:
    """F_plus = F_minus = R: a weight changes by the same amount wherever it is, up to hard bounds.

    Weights tend to both bounds. Source: Song, Miller and Abbott, Nat. Neurosci. 3 (2000) 919-926.
    """

    def check(self, name: str) -> None:
        """It has no parameter."""


@dataclass(frozen=True)
class Multiplicative:
    """F_plus = high - w, F_minus = w - low: a weight changes by a part of what is left to the bound.

    Weights gather around one value. Source: Rubin, Lee and Sompolinsky, Phys. Rev. Lett. 86 (2001) 364-367.
    """

    def check(self, name: str) -> None:
        """It has no parameter."""


@dataclass(frozen=True, kw_only=True)
class SoftBounds:
    """F_plus = R ((high - w) / R)^mu_plus, F_minus = R ((w - low) / R)^mu_minus.

    mu_plus, mu_minus   0 is Additive, 1 is Multiplicative, between them lies a gradual transition

    Source: Gutig, Aharonov, Rotter and Sompolinsky, J. Neurosci. 23 (2003) 3697-3714, with one mu for both.
    """

    mu_plus: float = 0.02
    mu_minus: float = 0.02

    def check(self, name: str) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        check_exponents(name, self.mu_plus, self.mu_minus)


@dataclass(frozen=True, kw_only=True)
class PowerLaw:
    """F_plus = w0 (w / w0)^mu_plus, F_minus = w0 (w / w0)^mu_minus: with mu_plus < 1 growth is less than in proportion.

    mu_plus, mu_minus   exponents; with mu_minus = 1 depression takes the same part of every weight
    w0                  V, weight at which both are w0; positive, for inhibitory synapses too

    A weight of zero stays zero, unless mu_plus is 0.
    Source: Morrison, Aertsen and Diesmann, Neural Comput. 19 (2007) 1437-1467: potentiation lambda w0^(1 - mu) w^mu,
    depression lambda alpha w; that is PairSTDP(a_plus=lambda, a_minus=lambda * alpha) with this.
    """

    mu_plus: float = 0.4
    mu_minus: float = 1.0
    w0: float = 1e-3

    def check(self, name: str) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        check_exponents(name, self.mu_plus, self.mu_minus)
        check_range(f"{name}.w0", self.w0, 1e-12, 10.0, "V")


Dependence = Additive | Multiplicative | SoftBounds | PowerLaw


def check_exponents(name: str, mu_plus: float, mu_minus: float) -> None:
    """Exponents of both directions."""
    check_range(f"{name}.mu_plus", mu_plus, 0.0, 4.0, "")
    check_range(f"{name}.mu_minus", mu_minus, 0.0, 4.0, "")
