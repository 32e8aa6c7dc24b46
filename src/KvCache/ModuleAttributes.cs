// Kernels allocate small scratch on the stack per block and fill it themselves.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
