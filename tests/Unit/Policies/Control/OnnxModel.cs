using System.Buffers.Binary;
using System.Text;

namespace AdaptiveKv.Unit.Policies.Control;

/// <summary>Reads an ONNX file by the public description of its messages and computes it in double precision, for the operators that controllers use. It shares no code with the writer.</summary>
internal sealed class OnnxModel
{
    private readonly Dictionary<string, double[]> constants = [];
    private readonly List<(string Operator, string[] Inputs, string Output, Dictionary<string, long> Attributes)> nodes = [];

    public OnnxModel(byte[] file)
    {
        Message model = new(file);
        Message graph = model.Messages(7).Single();
        OperatorSet = model.Messages(8).Single().Numbers(2).Single();
        Metadata = model.Messages(14).ToDictionary(entry => entry.Texts(1).Single(), entry => entry.Texts(2).Single());
        Inputs = [.. graph.Messages(11).Select(Declared)];
        Outputs = [.. graph.Messages(12).Select(Declared)];
        foreach (Message tensor in graph.Messages(5))
        {
            Assert.Equal([1L], tensor.Numbers(2));
            double[] values = [.. tensor.Blobs(9).Single().Chunk(4).Select(four => (double)BinaryPrimitives.ReadSingleLittleEndian(four))];
            Assert.Equal(values.Length, tensor.Numbers(1).Aggregate(1L, (a, b) => a * b));
            constants.Add(tensor.Texts(8).Single(), values);
        }

        foreach (Message node in graph.Messages(1))
        {
            nodes.Add((node.Texts(4).Single(), [.. node.Texts(1)], node.Texts(2).Single(), node.Messages(5).ToDictionary(a => a.Texts(1).Single(), a => a.Numbers(3).Single())));
        }
    }

    public long OperatorSet { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>"Features 1 rows 9": name, type and dimensions.</summary>
    public IReadOnlyList<string> Inputs { get; }

    public IReadOnlyList<string> Outputs { get; }

    /// <summary>All results of one row, by name.</summary>
    public IReadOnlyDictionary<string, double[]> Run(float[] features)
    {
        Dictionary<string, double[]> values = new(constants) { ["Features"] = [.. features.Select(value => (double)value)] };
        foreach ((string name, string[] inputs, string output, Dictionary<string, long> attributes) in nodes)
        {
            double[][] x = [.. inputs.Select(input => values[input])];
            values.Add(output, name switch
            {
                "Abs" => Each(i => Math.Abs(x[0][i])),
                "Less" => Each(i => x[0][i] < At(1, i) ? 1 : 0),
                "Where" => Each(i => x[0][i] != 0 ? At(1, i) : At(2, i)),
                "Clip" => Each(i => Math.Clamp(x[0][i], At(1, i), At(2, i))),
                "Gemm" when attributes["transB"] == 1 => [.. x[2].Select((bias, row) => bias + Enumerable.Range(0, x[0].Length).Sum(i => x[1][(row * x[0].Length) + i] * x[0][i]))],
                "Relu" => Each(i => Math.Max(x[0][i], 0)),
                "Min" => Each(i => Math.Min(x[0][i], At(1, i))),
                "Exp" => Each(i => Math.Exp(x[0][i])),
                "Mul" => Each(i => x[0][i] * At(1, i)),
                "Add" => Each(i => x[0][i] + At(1, i)),
                "Neg" => Each(i => -x[0][i]),
                "Softmax" when attributes["axis"] == 1 => Each(i => 1 / x[0].Sum(other => Math.Exp(other - x[0][i]))),
                "ArgMax" when attributes["axis"] == 1 => [Array.IndexOf(x[0], x[0].Max())],
                _ => throw new InvalidOperationException($"operator {name}"),
            });

            double[] Each(Func<int, double> of) => [.. Enumerable.Range(0, x[0].Length).Select(of)];
            double At(int input, int i) => x[input].Length == 1 ? x[input][0] : x[input][i];
        }

        return values;
    }

    private static string Declared(Message value)
    {
        Message tensor = value.Messages(2).Single().Messages(1).Single();
        IEnumerable<string> shape = tensor.Messages(2).Single().Messages(1).Select(dimension => dimension.Texts(2).FirstOrDefault() ?? $"{dimension.Numbers(1).Single()}");
        return $"{value.Texts(1).Single()} {tensor.Numbers(1).Single()} {string.Join(' ', shape)}";
    }

    private sealed class Message
    {
        private readonly List<(long Field, long Number, byte[] Bytes)> fields = [];

        public Message(byte[] bytes)
        {
            for (int at = 0; at < bytes.Length;)
            {
                long key = Varint();
                long number = Varint();
                Assert.Contains(key & 7, (long[])[0, 2]);
                int length = (key & 7) == 2 ? (int)number : 0;
                fields.Add((key >> 3, number, bytes[at..(at + length)]));
                at += length;

                long Varint()
                {
                    long value = 0;
                    for (int shift = 0; ; shift += 7)
                    {
                        value |= (bytes[at] & 0x7FL) << shift;
                        if (bytes[at++] < 0x80)
                        {
                            return value;
                        }
                    }
                }
            }
        }

        public IEnumerable<long> Numbers(int field) => fields.Where(known => known.Field == field).Select(known => known.Number);

        public IEnumerable<byte[]> Blobs(int field) => fields.Where(known => known.Field == field).Select(known => known.Bytes);

        public IEnumerable<string> Texts(int field) => Blobs(field).Select(Encoding.UTF8.GetString);

        public IEnumerable<Message> Messages(int field) => Blobs(field).Select(bytes => new Message(bytes));
    }
}
