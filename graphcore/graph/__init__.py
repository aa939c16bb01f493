"""Graph and Node: values, names, scopes, the networkx view, and numpy's protocols on nodes."""
