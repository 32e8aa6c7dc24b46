using System.Text.RegularExpressions;
using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Evaluation.Report;

/// <summary>The page as a reader sees it: in a real browser, by light and by dark, wide and narrow.</summary>
public sealed partial class BrowserTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Browser browser = new();

    public BrowserTests()
    {
        Assert.SkipWhen(Browser.Location is null, "needs a browser: install chromium (Debian: apt-get install chromium)");
        Dictionary<string, string> deps = SampleReport.Write(folder);
        ReportInputs inputs = ReportInputs.Read(deps["evaluation"], deps["training"], deps["summary"], deps["speed"]);
        File.WriteAllText(folder["report.html"], HtmlReport.Of(ReportDocument.Of(inputs)));
    }

    public void Dispose()
    {
        folder.Dispose();
        browser.Dispose();
    }

    [Theory]
    [InlineData(1400, 7000)]
    [InlineData(800, 7500)]
    [InlineData(400, 6000)]
    public void ThePageIsDrawnInBothSchemes(int width, int height)
    {
        Pixels light = Shoot("light.png", width, height);
        Pixels dark = Shoot("dark.png", width, height, "--force-dark-mode", "--blink-settings=preferredColorScheme=0");

        Assert.Equal((width, height), (light.Width, light.Height));
        Assert.Equal((width, height), (dark.Width, dark.Height));
        Assert.True(light.At(2, 2).Brightness > 240 && dark.At(2, 2).Brightness < 40, $"backgrounds {light.At(2, 2)} and {dark.At(2, 2)}");
        // A page that failed to draw is of one colour; this one has text, lines and bars all over.
        Assert.All([light, dark], picture => Assert.InRange(picture.ShareUnlike(picture.At(2, 2)), 0.05, 0.85));
        Assert.All([light, dark], picture => Assert.True(picture.Colors > 200, $"{picture.Colors} colours"));
    }

    [Fact]
    public void TheBrowserFindsEveryPictureAndNothingToComplainOf()
    {
        (string dom, string log) = browser.Open(folder["report.html"], "--dump-dom");

        Assert.Equal(14, SvgStart().Count(dom));
        Assert.Equal(12, TableStart().Count(dom));
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt; &amp; \"friends\"", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
        string[] requests = [.. Request().Matches(File.ReadAllText(browser.NetLog)).Select(match => match.Groups[1].Value).Where(url => url.Contains("report", StringComparison.Ordinal) || url.Contains("x\"", StringComparison.Ordinal))];
        Assert.DoesNotContain(requests, url => !url.StartsWith("file:", StringComparison.Ordinal));
    }

    /// <summary>Measured by the browser: labels keep off each other and within their picture, and no picture needs scrolling.</summary>
    [Theory]
    [InlineData(1400)]
    [InlineData(800)]
    [InlineData(400)]
    public void LabelsKeepOffEachOtherAndPicturesFit(int width)
    {
        const string Script = """
            const faults = [];
            for (const svg of document.querySelectorAll('svg.plot')) {
              const box = svg.getBoundingClientRect(), outer = svg.closest('.picture');
              if (outer && outer.scrollWidth > outer.clientWidth + 1) faults.push('scrolls: ' + svg.querySelector('title').textContent);
              const scale = box.width / svg.viewBox.baseVal.width;
              const texts = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
              texts.forEach(([name, one], i) => {
                if (one.left < box.left - 1 || one.right > box.right + 1 || one.top < box.top - 1 || one.bottom > box.bottom + 1) faults.push('outside: ' + name);
                for (const [other, two] of texts.slice(0, i)) {
                  const across = Math.min(one.right, two.right) - Math.max(one.left, two.left), down = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
                  if (across > 1 && down > 4 * scale) faults.push(`meet: ${name} and ${other}`);
                }
              });
            }
            document.title = 'faults:' + JSON.stringify(faults) + ':end';
            """;
        string page = PolicyOfThePage().Replace(File.ReadAllText(folder["report.html"]), string.Empty).Replace("</body>", $"<script>{Script}</script></body>", StringComparison.Ordinal);
        File.WriteAllText(folder["measured.html"], page);

        string dom = browser.Open(folder["measured.html"], $"--window-size={width},900", "--dump-dom").Output;
        Assert.Equal("[]", dom.Split("<title>faults:")[1].Split(":end")[0]);
    }

    /// <summary>The two tests above can fail: a page with a script and a picture from elsewhere is refused by the policy, which the log shows.</summary>
    [Fact]
    public void APageThatFetchesIsNoticed()
    {
        string page = File.ReadAllText(folder["report.html"]).Replace("<h1>", "<script src=\"https://example.invalid/x.js\"></script><h1>", StringComparison.Ordinal);
        File.WriteAllText(folder["bad.html"], page);

        Assert.Contains("CONSOLE", browser.Open(folder["bad.html"], "--dump-dom").Log, StringComparison.Ordinal);
    }

    private Pixels Shoot(string name, int width, int height, params string[] more)
    {
        string file = folder[name];
        browser.Open(folder["report.html"], [$"--screenshot={file}", $"--window-size={width},{height}", .. more]);
        if (Environment.GetEnvironmentVariable("AKV_SCREENSHOTS") is { Length: > 0 } kept)
        {
            File.Copy(file, Path.Combine(kept, $"{width}-{name}"), overwrite: true);
        }

        return Pixels.Read(file);
    }

    [GeneratedRegex("<meta http-equiv=\"Content-Security-Policy\"[^>]*>")]
    private static partial Regex PolicyOfThePage();

    [GeneratedRegex("<svg ")]
    private static partial Regex SvgStart();

    [GeneratedRegex("<table>")]
    private static partial Regex TableStart();

    [GeneratedRegex("\"url\":\"([^\"]+)\"")]
    private static partial Regex Request();
}
