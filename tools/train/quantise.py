"""Turns a trained net into the integer net of the firmware, and runs that net here.

A layer is (sum of byte * weight) * scale + bias, shifted right, clamped to a byte.
Weights are -63..63 for each output channel; activations are bytes, one unit for
each tensor, and one unit for the whole run of blocks that add their input.
"""
import numpy as np
import torch
import torch.nn.functional as F

WEIGHT_MOST, UNIT = 63, 256
PAD = 128


class Layer:
    """Integer weights and rescaling of one layer. kind is 'dot' or 'depth'."""

    def __init__(self, kind, weight, scale, bias, shift, stride, adds):
        self.kind, self.weight, self.scale, self.bias = kind, weight, scale, bias
        self.shift, self.stride, self.adds = shift, stride, adds


def folded(net):
    """[(name, kind, weight, bias, stride, adds)] in floating point, norms folded in."""
    def fold(conv, norm):
        factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        return (conv.weight * factor[:, None, None, None]).detach(), (norm.bias - norm.running_mean * factor).detach()

    out = [('stem', 'dot', net.stem.weight.detach(), net.stem.bias.detach(), 2, False),
           ('middle', 'dot', *fold(net.middle, net.norm), 2, False)]
    for i, b in enumerate(net.blocks):
        stride = b.depth.stride[0]
        out.append(('depth%d' % i, 'depth', b.depth.weight.detach(), b.depth.bias.detach(), stride, False))
        out.append(('point%d' % i, 'dot', *fold(b.point, b.norm), 1, b.adds))
    out.append(('head', 'dot', net.head.weight.detach(), net.head.bias.detach(), 1, False))
    return out


def forward(layers, x, seen=None, step=None):
    """Floating-point walk over folded layers; `seen` gathers what each gives, `step` rounds it."""
    kept = None
    for name, kind, weight, bias, stride, adds in layers:
        if name.startswith('depth'):
            kept = x
        groups = weight.shape[0] if kind == 'depth' else 1
        x = F.conv2d(x, weight, bias, stride, weight.shape[-1] // 2, groups=groups)
        if name == 'head':
            return x
        if adds:
            x = x + kept
        x = F.relu(x)
        if seen is not None:
            seen[name] = max(seen.get(name, 0), x.max().item())
        if step is not None:
            x = step(name, x)


def units(layers, pictures, room=1.0):
    """The size of one byte step for every layer's output: the largest values are the plates', so none is cut off."""
    seen = {}
    with torch.no_grad():
        for p in pictures:
            forward(layers, (torch.from_numpy(p)[None, None].float() - 128) / 64, seen)
    most = {n: m * room for n, m in seen.items()}
    stream = [n for n, k, *_ in layers if n.startswith('point')]
    shared = max(most[n] for n in stream)
    most.update({n: shared for n in stream})
    return {n: max(m, 1e-3) / 255 for n, m in most.items()}


def weight_units(weight):
    return weight.abs().flatten(1).max(1)[0].clamp(min=1e-6) / WEIGHT_MOST


def rescaling(sums_most, factor, bias):
    """Integers with sum * factor + bias = (sum * scale + offset) >> shift, nothing over 31 bits."""
    for shift in range(30, 0, -1):
        scale = np.round(factor * 2. ** shift)
        offset = np.round(bias * 2. ** shift) + 2 ** (shift - 1)
        if (sums_most * np.abs(scale) + np.abs(offset) < 2 ** 31 - 1).all() and (np.abs(scale) < 2 ** 30).all():
            return scale.astype(np.int32), offset.astype(np.int32), shift
    raise SystemExit('no rescaling fits')


def quantise(layers, unit):
    out, before = {}, None
    for name, kind, weight, bias, stride, adds in layers:
        wu = weight_units(weight)
        w = torch.round(weight / wu[:, None, None, None]).clamp(-WEIGHT_MOST, WEIGHT_MOST).numpy().astype(np.int64)
        wu, b = wu.numpy().astype(np.float64), bias.numpy().astype(np.float64)
        if name == 'stem':                      # (byte - 128) / 64
            entering = 1 / 64
            b = b - w.reshape(len(w), -1).sum(1) * wu * 2
        else:
            entering = unit[before if name != 'depth0' else 'middle']
        leaving = unit[name] if name != 'head' else 1 / UNIT
        flat = w.reshape(len(w), -1)
        most = 255 * np.maximum(np.where(flat > 0, flat, 0).sum(1), -np.where(flat < 0, flat, 0).sum(1))
        scale, offset, shift = rescaling(most, wu * entering / leaving, b / leaving)
        out[name] = Layer(kind, w, scale, offset, shift, stride, adds)
        before = name
    return out


def run(quantised, picture):
    """The integer net over one uint8 picture: int64 (outputs, rows, columns)."""
    x = F.pad(torch.from_numpy(picture)[None, None].double(), (1, 1, 1, 1), value=PAD)
    kept = None
    for name, layer in quantised.items():
        if layer.kind == 'depth':
            kept = x
        weight = torch.from_numpy(layer.weight).double()
        pad = 0 if name == 'stem' else weight.shape[-1] // 2
        groups = weight.shape[0] if layer.kind == 'depth' else 1
        sums = F.conv2d(x, weight, None, layer.stride, pad, groups=groups).round().long()
        v = (sums * torch.from_numpy(layer.scale.astype(np.int64))[None, :, None, None]
             + torch.from_numpy(layer.bias.astype(np.int64))[None, :, None, None]) >> layer.shift
        if name == 'head':
            return v[0].numpy()
        if layer.adds:
            v = v + kept.long()
        x = v.clamp(0, 255).double()


def kept(paths):
    """The mean of these weights in half precision: what is exported is what is kept, to the bit."""
    each = [torch.load(p)['slow'] for p in paths]
    return {k: (sum(w[k].float() for w in each) / len(each)).half() if v.is_floating_point() else v for k, v in each[0].items()}


def load(paths, which):
    """Checkpoints of `run`, or exported floating-point weights, as the folded layers of their mean."""
    import model
    net = model.Net(which)
    net.load_state_dict({k: v.float() for k, v in kept(paths).items()})
    net.eval()
    return folded(net)
