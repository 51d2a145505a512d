"""The nets: two full convolutions, then depthwise-separable blocks at an eighth of
the size, five maps out: heat, offset of the centre, logarithms of width and height.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

STEM, MIDDLE, OUTPUTS = 8, 32, 5
SHAPES = {'search': (64, 7), 'verify': (96, 8)}     # channels, and blocks after the first, which halves the size


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.depth = nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs)
        self.point = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs, momentum=.05)
        self.adds = stride == 1

    def forward(self, x):
        y = self.norm(self.point(F.relu(self.depth(x))))
        return F.relu(x + y if self.adds else y)


class Net(nn.Module):
    def __init__(self, which):
        super().__init__()
        wide, blocks = SHAPES[which]
        self.stem = nn.Conv2d(1, STEM, 3, 2, 1)
        self.middle = nn.Conv2d(STEM, MIDDLE, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(MIDDLE, momentum=.05)
        self.blocks = nn.Sequential(Block(MIDDLE, wide, 2), *[Block(wide, wide) for _ in range(blocks)])
        self.head = nn.Conv2d(wide, OUTPUTS, 1)
        nn.init.normal_(self.head.weight, 0, .01)
        nn.init.zeros_(self.head.bias)
        with torch.no_grad():
            self.head.bias[0] = -4.

    def forward(self, x):
        x = F.relu(self.norm(self.middle(F.relu(self.stem(x)))))
        return self.head(self.blocks(x))


def begin(net, state):
    """Takes over another net's weights. Where this one is wider or deeper it answers as the other did, to begin with."""
    own = net.state_dict()
    with torch.no_grad():
        for name, value in own.items():
            if name not in state:
                if name.endswith('norm.weight'):    # a new block adds nothing yet
                    value.zero_()
                continue
            part = tuple(slice(n) for n in state[name].shape)
            if value.dim() == 4 and value.shape[1] > state[name].shape[1]:
                value[:len(state[name])] = 0        # what was there does not look at new channels yet
            value[part] = state[name]
    net.load_state_dict(own)


def to_input(pixels):
    """uint8 (n, 1, h, w) to what the net takes."""
    return ((pixels.float() - 128) / 64).contiguous(memory_format=torch.channels_last)


def corners(maps):
    """(n, 4) of dx, dy in cells and logarithms, to boxes about the cell's centre."""
    w, h = 32 * maps[:, 2].clamp(-3, 3).exp(), 12 * maps[:, 3].clamp(-3, 3).exp()
    return torch.stack([maps[:, 0] * 8 - w / 2, maps[:, 1] * 8 - h / 2, maps[:, 0] * 8 + w / 2, maps[:, 1] * 8 + h / 2])


def box_loss(found, wanted):
    """1 - generalised IoU, and a little of the plain difference."""
    a, b = corners(found), corners(wanted)
    shared = (torch.minimum(a[2:], b[2:]) - torch.maximum(a[:2], b[:2])).clamp(min=0).prod(0)
    union = (a[2:] - a[:2]).prod(0) + (b[2:] - b[:2]).prod(0) - shared
    hull = (torch.maximum(a[2:], b[2:]) - torch.minimum(a[:2], b[:2])).prod(0)
    return 2 - shared / (union + 1e-6) - union / (hull + 1e-6) \
        + .25 * F.smooth_l1_loss(found, wanted, reduction='none', beta=.2).sum(1)


def losses(out, maps, doubt):
    """Heat at plates, heat elsewhere, boxes. Half-trusted background over `doubt` is left out."""
    p = out[:, 0].float().sigmoid().clamp(1e-4, 1 - 1e-4)
    heat, weight = maps[:, 0], maps[:, 1]
    weight = torch.where((weight == .5) & (p.detach() > doubt), torch.zeros_like(weight), weight)
    here = (heat == 1) & (weight > 0)
    n = here.sum().clamp(min=1)
    at = -((1 - p) ** 2 * p.log())[here].sum() / n
    off = -((1 - heat) ** 4 * p ** 2 * (1 - p).log() * (weight > 0))[~here].sum() / n
    boxed = (maps[:, 6] > 0) & (weight > 0)
    share = maps[:, 6][boxed]
    boxes = (box_loss(out[:, 1:].float().permute(0, 2, 3, 1)[boxed], maps[:, 2:6].permute(0, 2, 3, 1)[boxed]) * share).sum() \
        / share.sum().clamp(min=1)
    return at, off, boxes, p.detach()
