using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;

using Interruption interruption = new();
Terminal terminal = Terminal.OfProcess(interruption);
bool mayPin = args.Any(word => word.StartsWith("--kernels", StringComparison.Ordinal));
return (mayPin ? KernelChoice.Restart(CommandLine.Kernels(args, terminal), args) : null) ?? CommandLine.Run(args, terminal);
