"""The story that `script/demo` tells: a whole co-operative, from the founding to the second payday, over HTTP."""
