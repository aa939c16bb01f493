"""tmp"""
class Report: pass
def check(*a, **k): pass
