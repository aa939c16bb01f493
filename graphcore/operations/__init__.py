"""Operations: forward, rules, signature, notation, shape inference, and the few ops of the chain rule."""
