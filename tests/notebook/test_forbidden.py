"""Library calls that would answer the question."""

from __future__ import annotations

import pytest

from autograder.notebook.forbidden import Code, Use

LSTM = ["torch.nn.LSTM"]


def uses(*cells, names=("answer",), forbids=LSTM):
    return Code(list(enumerate(cells, start=1))).uses(names, forbids)


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ndef answer(x): return torch.nn.LSTM(3, 4)(x)",
        "import torch.nn as nn\ndef answer(x): return nn.LSTM(3, 4)(x)",
        "from torch import nn\ndef answer(x): return nn.LSTM(3, 4)(x)",
        "from torch.nn import LSTM\ndef answer(x): return LSTM(3, 4)(x)",
        "from torch.nn import LSTM as L\ndef answer(x): return L(3, 4)(x)",
        "def answer(x):\n    from torch.nn import LSTM\n    return LSTM(3, 4)(x)",
        "import torch\ndef answer(x): return getattr(torch.nn, 'LSTM')(3, 4)(x)",
        "from torch import nn\nclass answer(nn.LSTM): pass",
        "from torch import nn\nclass answer:\n    def forward(self, x):\n        return nn.LSTM(3, 4)(x)",
        "from torch import nn\nanswer = nn.LSTM",
        "from torch import nn\ndef helper(x): return nn.LSTM(3, 4)(x)\ndef answer(x): return helper(x)",
        "from torch import nn\ncell = nn.LSTM(3, 4)\ndef answer(x): return cell(x)",
    ],
)
def test_a_forbidden_call_is_found_however_it_is_named(source):
    assert [use.name for use in uses(source)][:1] == LSTM


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ndef answer(x): return torch.tanh(x)",
        "from torch import nn\ncompared = nn.LSTM(3, 4)\ndef answer(x): return x",
        "from torch import nn\ndef other(x): return nn.LSTM(3, 4)(x)\ndef answer(x): return x",
        "from torch import nn\ndef answer(x): return nn.LSTMCell(3, 4)(x)",
        "class LSTM: pass\ndef answer(x): return LSTM()",
        "def answer(x): return 'torch.nn.LSTM'",
    ],
)
def test_what_the_answer_does_not_use_is_not_its_fault(source):
    assert uses(source) == []


def test_the_place_is_told():
    assert uses("import torch", "def answer(x):\n    y = x\n    return torch.nn.LSTM(y)") == [
        Use("torch.nn.LSTM", 2, 3)
    ]


def test_a_cell_that_does_not_parse_is_passed_over():
    assert uses("def (", "import torch\ndef answer(x): return torch.nn.LSTM(x)") != []


def test_magics_do_not_hide_a_cell():
    assert uses("%%time\n!ls\nimport torch\ndef answer(x): return torch.nn.LSTM(x)") != []


def test_a_bottomless_expression_does_no_harm():
    assert uses("import torch\ndef answer(x): return x" + ".T" * 50_000) == []


def test_a_whole_module_can_be_forbidden():
    assert (
        uses("import torch\ndef answer(x): return torch.nn.functional.relu(x)", forbids=["torch.nn.functional"]) != []
    )


def test_functions_that_call_each_other_end():
    assert uses("def answer(x): return other(x)\ndef other(x): return answer(x)") == []
