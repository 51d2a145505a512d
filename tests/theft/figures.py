"""What can be told from lengths, times and bytes of ciphertext, as numbers."""
import collections
import math


def padded(n):
    """docs/RECORD.md, "Padding"."""
    if n <= 4096:
        return 4096
    e = n.bit_length() - 1
    low = (1 << e - e.bit_length()) - 1
    return n + low & ~low


def entropy_bits(values):
    """Of what values came up, with Miller and Madow's correction for a finite sample."""
    counts, n = collections.Counter(values).values(), len(values)
    return -sum(c / n * math.log2(c / n) for c in counts) + (len(counts) - 1) / (2 * n * math.log(2))


def mutual_bits(seen, hidden):
    """How much of `hidden` an observer of `seen` learns, in bits. What is 0 within the correction's error stays near 0."""
    return entropy_bits(seen) + entropy_bits(hidden) - entropy_bits(list(zip(seen, hidden)))


def guessed(seen, hidden):
    """(share right without looking, share right when the most frequent value of what is seen is taken).

    The second is learnt on even rows and tried on odd ones, so that it cannot flatter itself.
    """
    learnt, usual = collections.defaultdict(collections.Counter), collections.Counter(hidden[::2])
    for s, h in zip(seen[::2], hidden[::2]):
        learnt[s][h] += 1
    most = usual.most_common(1)[0][0]
    odd = list(zip(seen[1::2], hidden[1::2]))
    blind = sum(h == most for _, h in odd)
    looking = sum(h == (learnt[s].most_common(1)[0][0] if s in learnt else most) for s, h in odd)
    return blind / len(odd), looking / len(odd)


def chi_z(counts, n):
    """How many standard deviations a byte histogram is away from even (Wilson and Hilferty's approximation)."""
    k = 255
    even = n / 256
    chi = sum((counts.get(b, 0) - even) ** 2 for b in range(256)) / even
    return ((chi / k) ** (1 / 3) - (1 - 2 / (9 * k))) / math.sqrt(2 / (9 * k))


def part(values, share):
    """The value below which that share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def by_order(coarse_s, arrivals_s, step_s):
    """Errors, in seconds, of a thief who spreads the records of one coarse time evenly over it, in their order."""
    windows = collections.defaultdict(list)
    for coarse, arrival in zip(coarse_s, arrivals_s):
        windows[coarse].append(arrival)
    return [abs(coarse + step_s * (i + 0.5) / len(there) - arrival)
            for coarse, there in windows.items() for i, arrival in enumerate(there)]
