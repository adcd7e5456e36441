"""Which 32 bytes are an Ed25519 public key (RFC 8032): the one encoding of a point of prime order.

Under a point of small order a token verifies that nobody signed, and libraries import those points without a word. Public values
only, so nothing here has to take constant time.
"""

from __future__ import annotations

_P = 2**255 - 19
_D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
_ROOT_OF_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752
_ORDER = 2**252 + 27742317777372353535851937790883648493

# Extended coordinates: x = X/Z, y = Y/Z, T = XY/Z.
_Point = tuple[int, int, int, int]
_NEUTRAL: _Point = (0, 1, 1, 0)


def is_public_key(data: bytes) -> bool:
    """True for the canonical encoding of a point of order L: what a private key can have made."""
    point = _decode(data)
    return point is not None and not _is_neutral(point) and _is_neutral(_multiply(point, _ORDER))


def _decode(data: bytes) -> _Point | None:
    """RFC 8032 section 5.1.3, with what it says of y not below p and of x = 0 taken at its word."""
    if len(data) != 32:
        return None
    number = int.from_bytes(data, "little")
    is_odd, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    root = _square_root((y * y - 1) % _P, (_D * y * y + 1) % _P)
    if root is None or (root == 0 and is_odd):
        return None
    x = root if root & 1 == is_odd else _P - root
    return x, y, 1, x * y % _P


def _square_root(u: int, v: int) -> int | None:
    """A root of u/v; None when there is none, so no point has that y."""
    root = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    square = v * root * root % _P
    if square == u:
        return root
    return root * _ROOT_OF_MINUS_ONE % _P if square == -u % _P else None


def _add(one: _Point, other: _Point) -> _Point:
    """RFC 8032 section 5.1.4; complete, so it doubles as well."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    c, d = 2 * _D * t1 * t2 % _P, 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiply(point: _Point, factor: int) -> _Point:
    total = _NEUTRAL
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total


def _is_neutral(point: _Point) -> bool:
    return point[0] == 0 and point[1] == point[2]
